//! The audit log: who did what to whom, when, from where, and with which result.
//!
//! A row is written in the transaction of the change that it records, so that both exist or
//! neither.

use std::net::IpAddr;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::model::live::DeskPart;
use crate::server::clock::Millis;
use crate::server::db::{Tx, audit};
use crate::server::error::Result;
use crate::server::live;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    SignIn,
    SignInFailed,
    /// The password was right, but another session must end first.
    SessionLimitReached,
    Locked,
    Unlocked,
    SignOut,
    Confirmed,
    SessionEnded,
    UserCreated,
    UserActivated,
    UserDisabled,
    UserEnabled,
    PolicyChanged,
    PasswordChanged,
    ProfileChanged,
    UserChanged,
    UserDeleted,
    ResetLinkMade,
    AuditExported,
    RoleSaved,
    RoleDeleted,
    PasswordRequired,
    /// A signed-in user lacks the permission.
    Refused,
}

impl Action {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Action::SignIn => "sign_in",
            Action::SignInFailed => "sign_in_failed",
            Action::SessionLimitReached => "session_limit_reached",
            Action::Locked => "locked",
            Action::Unlocked => "unlocked",
            Action::SignOut => "sign_out",
            Action::Confirmed => "confirmed",
            Action::SessionEnded => "session_ended",
            Action::UserCreated => "user_created",
            Action::UserActivated => "user_activated",
            Action::UserDisabled => "user_disabled",
            Action::UserEnabled => "user_enabled",
            Action::PolicyChanged => "policy_changed",
            Action::PasswordChanged => "password_changed",
            Action::ProfileChanged => "profile_changed",
            Action::UserChanged => "user_changed",
            Action::UserDeleted => "user_deleted",
            Action::ResetLinkMade => "reset_link_made",
            Action::AuditExported => "audit_exported",
            Action::RoleSaved => "role_saved",
            Action::RoleDeleted => "role_deleted",
            Action::PasswordRequired => "password_required",
            Action::Refused => "refused",
        }
    }
}

impl Action {
    /// The list of administrators that it changes, besides the records.
    fn changes(self) -> Option<DeskPart> {
        match self {
            Action::SignIn | Action::SignOut | Action::SessionEnded => Some(DeskPart::Sessions),
            Action::Locked | Action::Unlocked => Some(DeskPart::Lockouts),
            Action::UserCreated
            | Action::UserActivated
            | Action::UserDisabled
            | Action::UserEnabled
            | Action::UserChanged
            | Action::UserDeleted
            | Action::ProfileChanged
            | Action::PasswordChanged
            | Action::PasswordRequired
            | Action::RoleSaved
            | Action::RoleDeleted => Some(DeskPart::Users),
            Action::SignInFailed
            | Action::SessionLimitReached
            | Action::Confirmed
            | Action::PolicyChanged
            | Action::ResetLinkMade
            | Action::AuditExported
            | Action::Refused => None,
        }
    }
}

/// An event to be written to the audit log.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub at: Millis,
    action: Action,
    /// The user who acted; `None` for unauthenticated requests and the system.
    actor: Option<&'a str>,
    session: Option<&'a str>,
    target: Option<String>,
    failed: bool,
    address: String,
    user_agent: &'a str,
    request_id: &'a str,
    details: Map<String, Value>,
}

impl<'a> Event<'a> {
    /// An event without a request (command line, sweep).
    pub fn of_system(action: Action, at: Millis) -> Event<'a> {
        Event {
            at,
            action,
            actor: None,
            session: None,
            target: None,
            failed: false,
            address: String::new(),
            user_agent: "",
            request_id: "",
            details: Map::new(),
        }
    }

    /// Sets the request: its address, user agent and id.
    pub fn of_request(self, address: IpAddr, user_agent: &'a str, request_id: &'a str) -> Event<'a> {
        Event { address: address.to_string(), user_agent, request_id, ..self }
    }

    /// Sets the user who acted.
    pub fn by(mut self, actor: &'a str) -> Event<'a> {
        self.actor = Some(actor);
        self
    }

    /// Sets the session, by its handle.
    pub fn in_session(mut self, handle: &'a str) -> Event<'a> {
        self.session = Some(handle);
        self
    }

    /// Sets the target: a user id, or an email without an account.
    pub fn of(mut self, target: &str) -> Event<'a> {
        self.target = Some(target.to_owned());
        self
    }

    /// Marks the event as failed.
    pub fn failed(mut self) -> Event<'a> {
        self.failed = true;
        self
    }

    /// Adds a detail. Never a secret, because details are displayed and exported.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Event<'a> {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Writes the row, unless there is one with this id. Ids of such rows are made from what they
    /// record once.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn write_once(self, tx: &mut Tx, id: &str) -> Result<()> {
        let written = self.insert(tx, id, true).await?;
        if written { live::desk_changed(tx, DeskPart::Audit) } else { Ok(()) }
    }

    /// Writes the row.
    ///
    /// # Errors
    /// `unavailable`; then the recorded change is rolled back too.
    pub async fn write(self, tx: &mut Tx) -> Result<()> {
        live::desk_changed(tx, DeskPart::Audit)?;
        if let Some(part) = self.action.changes() {
            live::desk_changed(tx, part)?;
        }
        self.insert(tx, &Uuid::now_v7().to_string(), false).await?;
        Ok(())
    }

    async fn insert(self, tx: &mut Tx, id: &str, once: bool) -> Result<bool> {
        let (result, details) =
            (if self.failed { "failure" } else { "success" }, Value::Object(self.details).to_string());
        macro_rules! insert {
            ($query:path) => {
                $query(
                    tx.on(),
                    id,
                    self.at,
                    self.action.name(),
                    result,
                    self.actor,
                    self.target.as_deref(),
                    self.session,
                    &self.address,
                    self.user_agent,
                    self.request_id,
                    &details,
                )
                .await?
            };
        }
        let rows = if once { insert!(audit::insert_once) } else { insert!(audit::insert) };
        Ok(rows > 0)
    }
}
