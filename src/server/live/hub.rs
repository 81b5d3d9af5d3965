//! The open streams of this server, by session and by user. Sending never waits: a stream with
//! a full queue is dropped. Its browser reconnects and reloads the state.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::model::live::{AdministratorChanged, DeskPart, NewSignIn};
use crate::model::permission::Permissions;
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::clock::Millis;

/// The maximum number of streams of a session. A browser opens one; more only if its tabs can't
/// coordinate.
const PER_SESSION: usize = 20;

/// The maximum number of streams of a server. Each takes less than 20 kB.
const PER_SERVER: usize = 10_000;

/// The queue length of a stream.
const QUEUE_LENGTH: usize = 16;

/// A message to a stream.
#[derive(Clone, Debug)]
pub enum Signal {
    Ended(EndReason),
    /// The id that the stream was opened with is no longer valid.
    Renewed,
    /// Activity was recorded at this time.
    Extended(Millis),
    UserChanged,
    SignedIn(Arc<NewSignIn>),
    PolicyChanged(Arc<Policy>),
    DeskChanged(DeskPart),
    AdministratorChanged(Arc<AdministratorChanged>),
}

/// What the user of a stream may hear of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub permissions: Permissions,
    pub administrator: bool,
}

/// Every open stream of this server. Clones share the streams.
#[derive(Clone)]
pub struct Hub {
    registry: Arc<Mutex<Registry>>,
    slots: Arc<Semaphore>,
}

#[derive(Default)]
struct Registry {
    sessions: HashMap<Arc<str>, SessionStreams>,
    users: HashMap<Arc<str>, HashSet<Arc<str>>>,
    opened: u64,
}

struct SessionStreams {
    user_id: Arc<str>,
    /// Oldest first.
    streams: VecDeque<StreamSender>,
}

/// The sending side of a stream. Dropping it ends the stream.
struct StreamSender {
    number: u64,
    /// The number of replaced ids of the session when the stream opened.
    renewals: i64,
    rights: Rights,
    signals: mpsc::Sender<Signal>,
}

/// A stream's slot in the hub, released on drop.
pub struct StreamSlot {
    hub: Hub,
    pub handle: Arc<str>,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Default for Hub {
    /// Uses at most half of the file descriptors. The rest is for requests and the database.
    fn default() -> Hub {
        let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files / 2).ok());
        Hub::with_slots(files.unwrap_or(PER_SERVER).min(PER_SERVER))
    }
}

impl Hub {
    fn with_slots(slots: usize) -> Hub {
        Hub { registry: Arc::default(), slots: Arc::new(Semaphore::new(slots)) }
    }

    /// Opens a stream of a session; `renewals` is the number of its replaced ids. Above the
    /// limit per session, closes the session's oldest stream. `None` if the server is full.
    pub fn open(
        &self,
        user_id: &str,
        handle: &str,
        renewals: i64,
        rights: Rights,
    ) -> Option<(StreamSlot, mpsc::Receiver<Signal>)> {
        let permit = self.slots.clone().try_acquire_owned().ok()?;
        let (signals, receiver) = mpsc::channel(QUEUE_LENGTH);
        let mut registry = self.registry();
        registry.opened += 1;
        let number = registry.opened;
        let (handle, user_id) = (Arc::<str>::from(handle), Arc::<str>::from(user_id));
        registry.users.entry(user_id.clone()).or_default().insert(handle.clone());
        let session = registry.sessions.entry(handle.clone());
        let streams = &mut session.or_insert_with(|| SessionStreams { user_id, streams: VecDeque::new() }).streams;
        if streams.len() == PER_SESSION {
            streams.pop_front();
        }
        streams.push_back(StreamSender { number, renewals, rights, signals });
        Some((StreamSlot { hub: self.clone(), handle, number, _permit: permit }, receiver))
    }

    /// Whether no stream is open.
    pub fn is_empty(&self) -> bool {
        self.registry().sessions.is_empty()
    }

    /// Sends a session's streams the reason for its end, and drops them.
    pub fn end(&self, handle: &str, reason: EndReason) {
        if let Some(session) = self.registry().remove_session(handle) {
            for stream in session.streams {
                let _ = stream.signals.try_send(Signal::Ended(reason));
            }
        }
    }

    /// Drops the streams of a session that were opened with an earlier id, that is with fewer
    /// than `renewals` replaced ids.
    pub fn renew(&self, handle: &str, renewals: i64) {
        let mut registry = self.registry();
        let Some(session) = registry.sessions.get_mut(handle) else { return };
        session.streams.retain(|stream| {
            let stays = stream.renewals >= renewals;
            if !stays {
                let _ = stream.signals.try_send(Signal::Renewed);
            }
            stays
        });
        registry.remove_if_empty(handle);
    }

    /// Sends a signal to the streams of one session.
    pub fn signal_session(&self, handle: &str, signal: &Signal) {
        self.registry().signal_streams(handle, signal);
    }

    /// Sends a signal to all streams of a user, except those of the session `except`.
    pub fn signal_user(&self, user_id: &str, except: Option<&str>, signal: &Signal) {
        let mut registry = self.registry();
        let handles: Vec<Arc<str>> = registry.users.get(user_id).into_iter().flatten().cloned().collect();
        for handle in handles.iter().filter(|handle| Some(&***handle) != except) {
            registry.signal_streams(handle, signal);
        }
    }

    /// Sends a signal to the streams whose rights pass, except those of the user `except`.
    pub fn signal_those(&self, pass: impl Fn(&Rights) -> bool, except: Option<&str>, signal: &Signal) {
        let mut registry = self.registry();
        registry.sessions.retain(|_, session| {
            if Some(&*session.user_id) != except {
                session
                    .streams
                    .retain(|stream| !pass(&stream.rights) || stream.signals.try_send(signal.clone()).is_ok());
            }
            true
        });
        let empty = registry.sessions.iter().filter(|(_, session)| session.streams.is_empty());
        let empty: Vec<Arc<str>> = empty.map(|(handle, _)| handle.clone()).collect();
        empty.iter().for_each(|handle| registry.remove_if_empty(handle));
    }

    /// Whether a user has a stream open on this server, in a session other than `except`.
    pub fn has_others(&self, user_id: &str, except: &str) -> bool {
        self.registry().users.get(user_id).is_some_and(|handles| handles.iter().any(|handle| &**handle != except))
    }

    /// Sends a signal to every stream.
    pub fn signal_all(&self, signal: &Signal) {
        let mut registry = self.registry();
        let handles: Vec<Arc<str>> = registry.sessions.keys().cloned().collect();
        handles.iter().for_each(|handle| registry.signal_streams(handle, signal));
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn signal_streams(&mut self, handle: &str, signal: &Signal) {
        let Some(session) = self.sessions.get_mut(handle) else { return };
        // Drops streams whose queue is full, to bound memory.
        session.streams.retain(|stream| stream.signals.try_send(signal.clone()).is_ok());
        self.remove_if_empty(handle);
    }

    fn remove_if_empty(&mut self, handle: &str) {
        if self.sessions.get(handle).is_some_and(|session| session.streams.is_empty()) {
            self.remove_session(handle);
        }
    }

    fn remove_session(&mut self, handle: &str) -> Option<SessionStreams> {
        let session = self.sessions.remove(handle)?;
        if let Some(handles) = self.users.get_mut(&session.user_id) {
            handles.remove(handle);
            if handles.is_empty() {
                self.users.remove(&session.user_id);
            }
        }
        Some(session)
    }
}

impl StreamSlot {
    /// Changes what the stream's user may hear of others.
    pub fn set_rights(&self, rights: Rights) {
        let mut registry = self.hub.registry();
        let streams = registry.sessions.get_mut(&self.handle).into_iter().flat_map(|session| &mut session.streams);
        streams.filter(|stream| stream.number == self.number).for_each(|stream| stream.rights = rights);
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut registry = self.hub.registry();
        if let Some(session) = registry.sessions.get_mut(&self.handle) {
            session.streams.retain(|stream| stream.number != self.number);
        }
        registry.remove_if_empty(&self.handle);
    }
}

#[cfg(test)]
mod tests;
