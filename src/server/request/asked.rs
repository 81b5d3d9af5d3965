//! A request as services see it: with who is asking, and what they may.

use std::sync::Arc;

use http::HeaderValue;
use http::header::SET_COOKIE;
use http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::super::clock::is_ahead;
use super::super::error::{Result, internal};
use super::super::identity::Identity;
use super::super::sessions::limits::RECENT_SIGN_IN;
use super::super::state::AppState;
use super::Visit;
use crate::model::failure::{Code, Failure};

/// A request with its answer to "who is asking?", as services see it.
#[derive(Clone)]
pub struct Asked {
    pub panel: AppState,
    pub visit: Arc<Visit>,
    pub identity: Option<Arc<Identity>>,
    /// Where a server function puts cookies; only known inside one.
    pub answer: Option<ResponseOptions>,
}

impl Asked {
    /// The request that the current server function or page answers.
    ///
    /// # Errors
    /// `internal` outside a request, and when the caller has gone away.
    pub fn here() -> Result<Asked> {
        let parts = use_context::<Parts>().ok_or_else(|| internal("no request in context"))?;
        let asked = parts.extensions.get::<Asked>().ok_or_else(|| internal("the request passed no identity layer"))?;
        let mut asked = asked.clone();
        // An extension can't hold the answer's options: they are made later.
        asked.answer = use_context::<ResponseOptions>();
        Ok(asked)
    }

    /// Adds cookies to the answer.
    pub fn set_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        for cookie in cookies {
            if let Some(answer) = &self.answer {
                answer.append_header(SET_COOKIE, cookie);
            }
        }
    }

    /// The person asking.
    ///
    /// # Errors
    /// `unauthenticated` for strangers.
    pub fn require_user(&self) -> Result<&Identity> {
        self.identity.as_deref().ok_or(Failure::new(Code::Unauthenticated))
    }

    /// The person asking, if they have proven their password lately.
    ///
    /// # Errors
    /// `unauthenticated` for strangers, `reauth_required` when the proof is too old.
    pub fn require_recent(&self) -> Result<&Identity> {
        let identity = self.require_user()?;
        let (proved_at, now) = (identity.session.proved_at, self.visit.now);
        let recent = !is_ahead(proved_at, now) && now - proved_at < RECENT_SIGN_IN;
        recent.then_some(identity).ok_or(Failure::new(Code::ReauthRequired))
    }

    /// The person asking, if they may.
    ///
    /// # Errors
    /// `unauthenticated` for strangers, `forbidden` for everybody without the permission.
    pub fn require_permission(&self, permission: &str) -> Result<&Identity> {
        let identity = self.require_user()?;
        let allowed = identity.session.user.effective()?.iter().any(|p| p == permission);
        allowed.then_some(identity).ok_or(Failure::new(Code::Forbidden))
    }
}
