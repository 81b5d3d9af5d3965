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

use crate::model::failure::Code;
use crate::model::form::query_field;
use crate::model::live::{LiveEvent, SessionEnded, SessionExtended, UserChanged};
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::audit::{Action, Event};
use crate::server::clock::{Millis, SECOND, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::sessions::Times;
use crate::server::error::{Error, Result};
use crate::server::live::hub::{Place, Signal};
use crate::server::sessions::end::{end_found, unauthenticated};
use crate::server::sessions::revocation::revocation;
use crate::server::sessions::standing::Standing;
use crate::server::state::AppState;

/// How often something is sent when nothing happens, so that neither proxies
/// nor a dead connection keep it open for nobody.
const BEAT: Millis = 25 * SECOND;

/// How soon to look again when the database could not be asked.
const RETRY: Millis = 5 * SECOND;

/// How long a stream stays open, and hears nothing, after its id was renewed: its
/// page comes back at once, and by then must hold the new cookie, whose answer
/// is on its way.
const ANSWER_PATIENCE: Millis = 2 * SECOND;

/// What a stream begins with: browsers come back after a second.
const OPENING: Bytes = Bytes::from_static(b"retry: 1000\n\n");

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    // A proxy that collects answers before it sends them would hold events back.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
];

/// `GET /api/auth/events`: what happens to this session and its user. Who asks
/// with `revocation=true` also hears who ended it, before the end itself.
///
/// # Errors
/// `unauthenticated`; `unavailable` with the database away, or too many streams open.
pub async fn events(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    let session = &context.require_user()?.session;
    if context.info.method == Method::HEAD {
        return Ok(HEADERS.into_response());
    }
    let (panel, now) = (context.panel.clone(), context.info.now);
    let open = panel.live.open(&session.user.id, &session.handle, session.renewals);
    let (place, signals) = open.ok_or(Error::from(Code::Unavailable))?;
    // Looked at again now that signals arrive: an end in between is not missed.
    let standing = Standing::of(&panel.db, &place.handle).await?.ok_or_else(|| unauthenticated(None))?;
    if let Some(reason) = standing.dead(now) {
        return Err(unauthenticated(Some(reason)));
    }
    if standing.renewals != session.renewals {
        return Err(unauthenticated(None));
    }
    let Standing { times, policy, renewals, .. } = standing;
    let tells_who = query.and_then(|query| query_field(&query, "revocation")).as_deref() == Some("true");
    let (look_at, beat_at) = (0, now + BEAT);
    let over = false;
    let mut stream = Stream { panel, place, signals, times, policy, renewals, tells_who, over, look_at, beat_at };
    stream.look_at = stream.ends_at();
    let events = unfold(stream, |mut stream| async { stream.next().await.map(|bytes| (bytes, stream)) });
    let body = once(async { OPENING }).chain(events).map(Ok::<_, Infallible>);
    Ok((HEADERS, Body::from_stream(body)).into_response())
}

struct Stream {
    panel: AppState,
    place: Place,
    signals: mpsc::Receiver<Signal>,
    times: Times,
    policy: Policy,
    /// How often the session's id had been renewed when this was opened.
    renewals: i64,
    /// Whether the page wants to hear who ended the session.
    tells_who: bool,
    over: bool,
    /// When to ask the row whether the session is over.
    look_at: Millis,
    beat_at: Millis,
}

impl Stream {
    /// What is sent next; `None` closes the stream.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.over {
            let signal = tokio::select! {
                biased;
                () = self.panel.shutdown.cancelled() => return None,
                // The hub has let go: this one did not read, or others are newer.
                signal = self.signals.recv() => Some(signal?),
                () = self.panel.clock.reach(self.look_at.min(self.beat_at)) => None,
            };
            let sent = match signal {
                // On the heap, as in `time_passed`.
                Some(Signal::Ended(reason)) => Some(Box::pin(self.ended(reason)).await),
                Some(Signal::Renewed) => return self.replaced().await,
                Some(signal) => self.told(signal),
                None => self.time_passed().await,
            };
            if sent.is_some() {
                return sent;
            }
        }
        None
    }

    fn told(&mut self, signal: Signal) -> Option<Bytes> {
        match signal {
            Signal::Ended(_) | Signal::Renewed => None,
            Signal::Extended(at) => {
                self.times.last_seen_at = self.times.last_seen_at.max(at);
                self.look_at = self.ends_at();
                Some(self.extended())
            }
            Signal::UserChanged => Some(written(&LiveEvent::UserChanged(UserChanged {}))),
            Signal::SignedIn(sign_in) => Some(written(&LiveEvent::SignedIn((*sign_in).clone()))),
            Signal::PolicyChanged(policy) => {
                let before = self.limits();
                self.policy = (*policy).clone();
                self.look_at = self.ends_at();
                (self.limits() != before).then(|| self.extended())
            }
        }
    }

    /// The id this was opened with counts no more: silence, and then the end.
    async fn replaced(&mut self) -> Option<Bytes> {
        tokio::select! {
            () = self.panel.shutdown.cancelled() => {}
            () = self.panel.clock.reach(self.panel.clock.now() + ANSWER_PATIENCE) => {}
        }
        None
    }

    async fn time_passed(&mut self) -> Option<Bytes> {
        let now = self.panel.clock.now();
        if now >= self.look_at {
            // On the heap while it lasts: what it needs for its statements is
            // some kilobytes, which every stream would keep for its whole life.
            return Box::pin(self.look(now)).await;
        }
        self.beat_at = now + BEAT;
        Some(Bytes::from_static(b":\n\n"))
    }

    /// The session should be over. The row decides: activity elsewhere may have
    /// moved the end without being heard.
    async fn look(&mut self, now: Millis) -> Option<Bytes> {
        let standing = match Standing::of(&self.panel.db, &self.place.handle).await {
            Ok(Some(standing)) => standing,
            Ok(None) => {
                self.over = true;
                return None;
            }
            // A database that is away ends nothing.
            Err(error) => {
                tracing::warn!(%error, "a stream will ask again whether its session lives");
                self.look_at = now + RETRY;
                return None;
            }
        };
        if let Some(reason) = standing.dead(now) {
            if standing.end.ended_at.is_none() {
                let end = Event::of_system(Action::SessionEnded, now);
                if let Err(error) = end_found(&self.panel, end, &self.place.handle, reason).await {
                    tracing::warn!(%error, "the end of a session was not written");
                }
            }
            return Some(self.ended(reason).await);
        }
        if standing.renewals != self.renewals {
            self.over = true;
            return None;
        }
        let before = self.limits();
        (self.times, self.policy) = (standing.times, standing.policy);
        // Not before another second, whatever the row says.
        self.look_at = self.ends_at().max(now + SECOND);
        (self.limits() != before).then(|| self.extended())
    }

    fn limits(&self) -> (Millis, Option<Millis>) {
        (self.times.expires_at(&self.policy), self.times.idle_expires_at(&self.policy))
    }

    fn ends_at(&self) -> Millis {
        let (expires_at, idle) = self.limits();
        idle.map_or(expires_at, |idle| idle.min(expires_at))
    }

    /// The last event. Before it, of a session that somebody ended, who did.
    async fn ended(&mut self, reason: EndReason) -> Bytes {
        self.over = true;
        let end = written(&LiveEvent::SessionEnded(SessionEnded { reason }));
        if reason != EndReason::Revoked || !self.tells_who {
            return end;
        }
        match revocation(&self.panel.db, &self.place.handle).await {
            Ok(Some(revocation)) => [written(&LiveEvent::SessionRevoked(revocation)), end].concat().into(),
            Ok(None) => end,
            // The end itself does not wait for a database that is away.
            Err(error) => {
                tracing::warn!(%error, "who ended a session was not told");
                end
            }
        }
    }

    fn extended(&self) -> Bytes {
        let (expires_at, idle) = self.limits();
        written(&LiveEvent::SessionExtended(SessionExtended {
            expires_at: rfc3339(expires_at),
            idle_expires_at: idle.map(rfc3339),
            server_time: rfc3339(self.panel.clock.now()),
        }))
    }
}

/// An event as it is sent. JSON is one line, as data has to be.
fn written(event: &LiveEvent) -> Bytes {
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", event.name()).into()
}
