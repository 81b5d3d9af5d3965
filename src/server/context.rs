//! The context that services get: the request, the signed-in user, and permission checks.

use std::sync::Arc;

use http::HeaderValue;
use http::header::SET_COOKIE;
use http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::model::code::Code;
use crate::model::permission::Permission;
use crate::server::audit::{Action, Event};
use crate::server::clock::is_ahead;
use crate::server::error::{Error, Result, internal};
use crate::server::request::RequestInfo;
use crate::server::sessions::identity::Identity;
use crate::server::sessions::limits::RECENT_SIGN_IN;
use crate::server::state::AppState;

/// A request together with the result of its authentication.
#[derive(Clone)]
pub struct RequestContext {
    pub panel: AppState,
    pub info: Arc<RequestInfo>,
    pub identity: Option<Arc<Identity>>,
    /// The response options of the current server function, for cookies. `None` outside of one.
    pub response_options: Option<ResponseOptions>,
}

impl RequestContext {
    /// The context of the request that the current server function or page answers.
    ///
    /// # Errors
    /// `internal` outside a request, and when the client has disconnected.
    pub fn current() -> Result<RequestContext> {
        let parts = use_context::<Parts>().ok_or_else(|| internal("no request in context"))?;
        let context =
            parts.extensions.get::<RequestContext>().ok_or_else(|| internal("the request passed no identity layer"))?;
        let mut context = context.clone();
        // Leptos creates the response options after the extension was stored.
        context.response_options = use_context::<ResponseOptions>();
        Ok(context)
    }

    /// Adds cookies to the response.
    ///
    /// # Errors
    /// `internal` outside a server function, where the cookies would be lost.
    pub fn set_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) -> Result<()> {
        let answer =
            self.response_options.as_ref().ok_or_else(|| internal("cookies were set outside a server function"))?;
        cookies.into_iter().for_each(|cookie| answer.append_header(SET_COOKIE, cookie));
        Ok(())
    }

    /// An audit event of this request, with the signed-in user as its author.
    pub fn event(&self, action: Action) -> Event<'_> {
        let event = self.info.event(action);
        match &self.identity {
            Some(identity) => event.by(&identity.session.user.id),
            None => event,
        }
    }

    /// The signed-in user.
    ///
    /// # Errors
    /// `unauthenticated` without a session.
    pub fn require_user(&self) -> Result<&Identity> {
        self.identity.as_deref().ok_or(Error::from(Code::Unauthenticated))
    }

    /// The signed-in user, if they proved their password recently.
    ///
    /// # Errors
    /// `unauthenticated` without a session, `reauth_required` when the last proof is too old.
    pub fn require_recent(&self) -> Result<&Identity> {
        let identity = self.require_user()?;
        let (proved_at, now) = (identity.session.proved_at, self.info.now);
        let recent = !is_ahead(proved_at, now) && now - proved_at < RECENT_SIGN_IN;
        recent.then_some(identity).ok_or(Error::from(Code::ReauthRequired))
    }

    /// The signed-in user, if they have the permission.
    ///
    /// # Errors
    /// `unauthenticated` without a session, `forbidden` without the permission.
    pub fn require_permission(&self, permission: Permission) -> Result<&Identity> {
        let identity = self.require_user()?;
        let allowed = identity.session.user.effective()?.contains(permission);
        allowed.then_some(identity).ok_or_else(|| Error::lacks(permission))
    }

    /// The signed-in user, if they have the permission and proved their password recently.
    ///
    /// # Errors
    /// As [`require_permission`](Self::require_permission) and [`require_recent`](Self::require_recent).
    pub fn require_permission_recently(&self, permission: Permission) -> Result<&Identity> {
        self.require_permission(permission)?;
        self.require_recent()
    }
}
