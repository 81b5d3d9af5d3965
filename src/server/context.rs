//! A request as services see it: with who is asking, and what they may.

use std::sync::Arc;

use http::HeaderValue;
use http::header::SET_COOKIE;
use http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::model::failure::Code;
use crate::model::permission::Permission;
use crate::server::audit::{Action, Event};
use crate::server::clock::is_ahead;
use crate::server::error::{Error, Result, internal};
use crate::server::request::RequestInfo;
use crate::server::sessions::identity::Identity;
use crate::server::sessions::limits::RECENT_SIGN_IN;
use crate::server::state::AppState;

/// A request with its answer to "who is asking?", as services see it.
#[derive(Clone)]
pub struct RequestContext {
    pub panel: AppState,
    pub info: Arc<RequestInfo>,
    pub identity: Option<Arc<Identity>>,
    /// Where a server function puts cookies; only known inside one.
    pub answer: Option<ResponseOptions>,
}

impl RequestContext {
    /// The request that the current server function or page answers.
    ///
    /// # Errors
    /// `internal` outside a request, and when the caller has gone away.
    pub fn here() -> Result<RequestContext> {
        let parts = use_context::<Parts>().ok_or_else(|| internal("no request in context"))?;
        let context =
            parts.extensions.get::<RequestContext>().ok_or_else(|| internal("the request passed no identity layer"))?;
        let mut context = context.clone();
        // An extension can't hold the answer's options: they are made later.
        context.answer = use_context::<ResponseOptions>();
        Ok(context)
    }

    /// Adds cookies to the answer.
    ///
    /// # Errors
    /// `internal` outside a server function, where they would be lost.
    pub fn set_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) -> Result<()> {
        let answer = self.answer.as_ref().ok_or_else(|| internal("cookies are set outside a server function"))?;
        cookies.into_iter().for_each(|cookie| answer.append_header(SET_COOKIE, cookie));
        Ok(())
    }

    /// An event of this request, by whoever is asking.
    pub fn event(&self, action: Action) -> Event<'_> {
        let event = self.info.event(action);
        match &self.identity {
            Some(identity) => event.by(&identity.session.user.id),
            None => event,
        }
    }

    /// The person asking.
    ///
    /// # Errors
    /// `unauthenticated` for strangers.
    pub fn require_user(&self) -> Result<&Identity> {
        self.identity.as_deref().ok_or(Error::from(Code::Unauthenticated))
    }

    /// The person asking, if they have proven their password lately.
    ///
    /// # Errors
    /// `unauthenticated` for strangers, `reauth_required` when the proof is too old.
    pub fn require_recent(&self) -> Result<&Identity> {
        let identity = self.require_user()?;
        let (proved_at, now) = (identity.session.proved_at, self.info.now);
        let recent = !is_ahead(proved_at, now) && now - proved_at < RECENT_SIGN_IN;
        recent.then_some(identity).ok_or(Error::from(Code::ReauthRequired))
    }

    /// The person asking, if they may.
    ///
    /// # Errors
    /// `unauthenticated` for strangers, `forbidden` for everybody without the permission.
    pub fn require_permission(&self, permission: Permission) -> Result<&Identity> {
        let identity = self.require_user()?;
        let allowed = identity.session.user.effective()?.contains(permission);
        allowed.then_some(identity).ok_or(Error::from(Code::Forbidden))
    }
}
