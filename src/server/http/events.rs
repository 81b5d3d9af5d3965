//! `GET /api/auth/events`: one stream of server-sent events.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream::{once, unfold};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use tokio::sync::mpsc;

use crate::model::code::Code;
use crate::model::form::query_field;
use crate::model::live::{DeskChanged, LiveEvent, SessionEnded, SessionExtended, UserChanged};
use crate::model::permission::ADMINISTRATOR;
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::audit::{Action, Event};
use crate::server::clock::{Millis, SECOND, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::sessions::Times;
use crate::server::db::users;
use crate::server::error::{Error, Result};
use crate::server::live::hub::{Rights, Signal, StreamSlot};
use crate::server::sessions::check::SessionUser;
use crate::server::sessions::end::{end_past_limit, unauthenticated};
use crate::server::sessions::revocation::revocation;
use crate::server::sessions::state::SessionState;
use crate::server::state::AppState;

/// The interval of heartbeats. They keep proxies from closing the stream and detect dead
/// connections.
const HEARTBEAT: Millis = 25 * SECOND;

/// The retry interval if the database is down.
const RETRY: Millis = 5 * SECOND;

/// How long a stream stays open, without events, after the session's id was replaced. The page
/// reconnects at once and needs the new cookie, whose response is still under way.
const CLOSE_DELAY: Millis = 2 * SECOND;

/// The first line of a stream: browsers reconnect after a second.
const OPENING: Bytes = Bytes::from_static(b"retry: 1000\n\n");

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    // Keeps proxies from buffering the response, which would delay events.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
];

/// `GET /api/auth/events`: the events of this session and its user. With `revocation=true`, a
/// stream also gets who ended the session, before the end itself.
///
/// # Errors
/// `unauthenticated`; `unavailable` if the database is down or too many streams are open.
pub async fn events(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    let session = &context.require_user()?.session;
    if context.info.method == Method::HEAD {
        return Ok(HEADERS.into_response());
    }
    let (panel, now) = (context.panel.clone(), context.info.now);
    let rights = rights_of(&session.user)?;
    let open = panel.live.open(&session.user.id, &session.handle, session.renewals, rights);
    let (slot, signals) = open.ok_or(Error::from(Code::Unavailable))?;
    // Checked again after subscribing, so that an end in between is not missed.
    let state = SessionState::of(&panel.db, &slot.handle).await?.ok_or_else(|| unauthenticated(None))?;
    if let Some(reason) = state.end_reason_at(now) {
        return Err(unauthenticated(Some(reason)));
    }
    if state.renewals != session.renewals {
        return Err(unauthenticated(None));
    }
    let SessionState { times, policy, renewals, .. } = state;
    let wants_revocation = query.and_then(|query| query_field(&query, "revocation")).as_deref() == Some("true");
    let (check_at, heartbeat_at) = (0, now + HEARTBEAT);
    let (over, user_id) = (false, session.user.id.clone());
    let mut stream = Stream {
        panel,
        user_id,
        rights,
        slot,
        signals,
        times,
        policy,
        renewals,
        wants_revocation,
        over,
        check_at,
        heartbeat_at,
    };
    stream.check_at = stream.ends_at();
    let events = unfold(stream, |mut stream| async { stream.next().await.map(|bytes| (bytes, stream)) });
    let body = once(async { OPENING }).chain(events).map(Ok::<_, Infallible>);
    Ok((HEADERS, Body::from_stream(body)).into_response())
}

/// What a user may hear of others.
fn rights_of(user: &SessionUser) -> Result<Rights> {
    Ok(Rights { permissions: user.effective()?, administrator: user.role == ADMINISTRATOR })
}

struct Stream {
    panel: AppState,
    user_id: String,
    rights: Rights,
    slot: StreamSlot,
    signals: mpsc::Receiver<Signal>,
    times: Times,
    policy: Policy,
    /// The number of replaced ids of the session when the stream opened.
    renewals: i64,
    /// Whether the page asked for who ended the session.
    wants_revocation: bool,
    over: bool,
    /// When to check the session's row for expiry.
    check_at: Millis,
    heartbeat_at: Millis,
}

impl Stream {
    /// The next bytes to send; `None` closes the stream.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.over {
            let signal = tokio::select! {
                biased;
                () = self.panel.shutdown.cancelled() => return None,
                // The hub dropped this stream: its queue was full, or the session opened newer
                // ones.
                signal = self.signals.recv() => Some(signal?),
                () = self.panel.clock.wait_until(self.check_at.min(self.heartbeat_at)) => None,
            };
            let sent = match signal {
                // Boxed, as in `on_timer`.
                Some(Signal::Ended(reason)) => Some(Box::pin(self.ended(reason)).await),
                Some(Signal::Renewed) => return self.close_later().await,
                Some(Signal::UserChanged) => Some(Box::pin(self.user_changed()).await),
                Some(signal) => self.event_for(signal),
                None => self.on_timer().await,
            };
            if sent.is_some() {
                return sent;
            }
        }
        None
    }

    fn event_for(&mut self, signal: Signal) -> Option<Bytes> {
        match signal {
            Signal::Ended(_) | Signal::Renewed | Signal::UserChanged => None,
            Signal::Extended(at) => {
                self.times.last_seen_at = self.times.last_seen_at.max(at);
                self.check_at = self.ends_at();
                Some(self.extended())
            }
            // Asked again: it may have been sent before a change of rights that was handled since.
            Signal::DeskChanged(what) => (self.rights.permissions.contains(what.needs()))
                .then(|| format_event(&LiveEvent::DeskChanged(DeskChanged { what }))),
            Signal::AdministratorChanged(change) => {
                (self.rights.administrator).then(|| format_event(&LiveEvent::AdministratorChanged((*change).clone())))
            }
            Signal::SignedIn(sign_in) => Some(format_event(&LiveEvent::SignedIn((*sign_in).clone()))),
            Signal::PolicyChanged(policy) => {
                let before = self.limits();
                self.policy = (*policy).clone();
                self.check_at = self.ends_at();
                (self.limits() != before).then(|| self.extended())
            }
        }
    }

    /// Reads the user's rights again: they decide what the stream hears of others. Without an answer
    /// it hears nothing.
    async fn user_changed(&mut self) -> Bytes {
        let user = users::by_id(self.panel.db.reader(), &self.user_id).await.ok().flatten();
        let rights = user.and_then(|user| {
            Some(Rights { permissions: user.effective().ok()?, administrator: user.role == ADMINISTRATOR })
        });
        self.rights = rights.unwrap_or_default();
        self.slot.set_rights(self.rights);
        format_event(&LiveEvent::UserChanged(UserChanged {}))
    }

    /// The id that the stream was opened with is no longer valid: stays silent for a moment,
    /// then closes.
    async fn close_later(&mut self) -> Option<Bytes> {
        tokio::select! {
            () = self.panel.shutdown.cancelled() => {}
            () = self.panel.clock.wait_until(self.panel.clock.now() + CLOSE_DELAY) => {}
        }
        None
    }

    async fn on_timer(&mut self) -> Option<Bytes> {
        let now = self.panel.clock.now();
        if now >= self.check_at {
            // Boxed while it runs. Otherwise every stream would reserve some kilobytes for
            // these statements as long as it lives.
            return Box::pin(self.check_session(now)).await;
        }
        self.heartbeat_at = now + HEARTBEAT;
        Some(Bytes::from_static(b":\n\n"))
    }

    /// Checks a session that should have expired. The row decides, because activity elsewhere
    /// may have extended it without a notice.
    async fn check_session(&mut self, now: Millis) -> Option<Bytes> {
        let state = match SessionState::of(&self.panel.db, &self.slot.handle).await {
            Ok(Some(state)) => state,
            Ok(None) => {
                self.over = true;
                return None;
            }
            // A failed query does not end the session.
            Err(error) => {
                tracing::warn!(%error, "the session of an event stream could not be checked; trying again");
                self.check_at = now + RETRY;
                return None;
            }
        };
        if let Some(reason) = state.end_reason_at(now) {
            if state.end.ended_at.is_none() {
                let end = Event::of_system(Action::SessionEnded, now);
                if let Err(error) = end_past_limit(&self.panel, end, &self.slot.handle, reason).await {
                    tracing::warn!(%error, "the end of a session was not written");
                }
            }
            return Some(self.ended(reason).await);
        }
        if state.renewals != self.renewals {
            self.over = true;
            return None;
        }
        let before = self.limits();
        (self.times, self.policy) = (state.times, state.policy);
        // At most once a second, whatever the row says.
        self.check_at = self.ends_at().max(now + SECOND);
        (self.limits() != before).then(|| self.extended())
    }

    fn limits(&self) -> (Millis, Option<Millis>) {
        (self.times.expires_at(&self.policy), self.times.idle_expires_at(&self.policy))
    }

    fn ends_at(&self) -> Millis {
        let (expires_at, idle) = self.limits();
        idle.map_or(expires_at, |idle| idle.min(expires_at))
    }

    /// The last event. For a revoked session, first sends who revoked it.
    async fn ended(&mut self, reason: EndReason) -> Bytes {
        self.over = true;
        let end = format_event(&LiveEvent::SessionEnded(SessionEnded { reason }));
        if reason != EndReason::Revoked || !self.wants_revocation {
            return end;
        }
        match revocation(&self.panel.db, &self.slot.handle).await {
            Ok(Some(revocation)) => [format_event(&LiveEvent::SessionRevoked(revocation)), end].concat().into(),
            Ok(None) => end,
            // If the database is down, the end is sent without the revocation.
            Err(error) => {
                tracing::warn!(%error, "the revocation of a session was not sent");
                end
            }
        }
    }

    fn extended(&self) -> Bytes {
        let (expires_at, idle) = self.limits();
        format_event(&LiveEvent::SessionExtended(SessionExtended {
            expires_at: rfc3339(expires_at),
            idle_expires_at: idle.map(rfc3339),
            server_time: rfc3339(self.panel.clock.now()),
        }))
    }
}

/// Formats an event. JSON is a single line, as `data:` requires.
fn format_event(event: &LiveEvent) -> Bytes {
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", event.name()).into()
}
