//! The open streams of this server, by session and by user. Sending never waits: a stream with
//! a full queue is dropped. Its browser reconnects and reloads the state.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::model::live::NewSignIn;
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::clock::Millis;

/// The maximum number of streams of a session. A browser opens one; more only if its tabs can't
/// coordinate.
const PER_SESSION: usize = 20;

/// The maximum number of streams of a server. Each takes less than 20 kB.
const PER_SERVER: usize = 10_000;

/// The queue length of a stream.
const WAITING: usize = 16;

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
}

/// Every open stream of this server. Clones share the streams.
#[derive(Clone)]
pub struct Hub {
    registry: Arc<Mutex<Registry>>,
    places: Arc<Semaphore>,
}

#[derive(Default)]
struct Registry {
    sessions: HashMap<Arc<str>, OfSession>,
    users: HashMap<Arc<str>, HashSet<Arc<str>>>,
    opened: u64,
}

struct OfSession {
    user_id: Arc<str>,
    /// Oldest first.
    lines: VecDeque<Line>,
}

/// The sending side of a stream. Dropping it ends the stream.
struct Line {
    number: u64,
    /// The number of replaced ids of the session when the stream opened.
    renewals: i64,
    signals: mpsc::Sender<Signal>,
}

/// A stream's place in the hub, released on drop.
pub struct Place {
    hub: Hub,
    pub handle: Arc<str>,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Default for Hub {
    /// Uses at most half of the file descriptors. The rest is for requests and the database.
    fn default() -> Hub {
        let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files / 2).ok());
        Hub::with_places(files.unwrap_or(PER_SERVER).min(PER_SERVER))
    }
}

impl Hub {
    fn with_places(places: usize) -> Hub {
        Hub { registry: Arc::default(), places: Arc::new(Semaphore::new(places)) }
    }

    /// Opens a stream of a session; `renewals` is the number of its replaced ids. Above the
    /// limit per session, closes the session's oldest stream. `None` if the server is full.
    pub fn open(&self, user_id: &str, handle: &str, renewals: i64) -> Option<(Place, mpsc::Receiver<Signal>)> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        let (signals, heard) = mpsc::channel(WAITING);
        let mut registry = self.registry();
        registry.opened += 1;
        let number = registry.opened;
        let (handle, user_id) = (Arc::<str>::from(handle), Arc::<str>::from(user_id));
        registry.users.entry(user_id.clone()).or_default().insert(handle.clone());
        let of = registry.sessions.entry(handle.clone());
        let lines = &mut of.or_insert_with(|| OfSession { user_id, lines: VecDeque::new() }).lines;
        if lines.len() == PER_SESSION {
            lines.pop_front();
        }
        lines.push_back(Line { number, renewals, signals });
        Some((Place { hub: self.clone(), handle, number, _permit: permit }, heard))
    }

    /// Whether no stream is open.
    pub fn is_empty(&self) -> bool {
        self.registry().sessions.is_empty()
    }

    /// Sends a session's streams the reason for its end, and drops them.
    pub fn end(&self, handle: &str, reason: EndReason) {
        if let Some(of) = self.registry().forget(handle) {
            for line in of.lines {
                let _ = line.signals.try_send(Signal::Ended(reason));
            }
        }
    }

    /// Drops the streams of a session that were opened with an earlier id, that is with fewer
    /// than `renewals` replaced ids.
    pub fn renew(&self, handle: &str, renewals: i64) {
        let mut registry = self.registry();
        let Some(of) = registry.sessions.get_mut(handle) else { return };
        of.lines.retain(|line| {
            let stays = line.renewals >= renewals;
            if !stays {
                let _ = line.signals.try_send(Signal::Renewed);
            }
            stays
        });
        registry.forget_if_empty(handle);
    }

    /// Sends a signal to the streams of one session.
    pub fn tell_session(&self, handle: &str, signal: &Signal) {
        self.registry().tell(handle, signal);
    }

    /// Sends a signal to all streams of a user, except those of the session `but`.
    pub fn tell_user(&self, user_id: &str, but: Option<&str>, signal: &Signal) {
        let mut registry = self.registry();
        let handles: Vec<Arc<str>> = registry.users.get(user_id).into_iter().flatten().cloned().collect();
        for handle in handles.iter().filter(|handle| Some(&***handle) != but) {
            registry.tell(handle, signal);
        }
    }

    /// Whether a user has a stream open on this server, in a session other than `but`.
    pub fn has_others(&self, user_id: &str, but: &str) -> bool {
        self.registry().users.get(user_id).is_some_and(|handles| handles.iter().any(|handle| &**handle != but))
    }

    /// Sends a signal to every stream.
    pub fn tell_all(&self, signal: &Signal) {
        let mut registry = self.registry();
        let handles: Vec<Arc<str>> = registry.sessions.keys().cloned().collect();
        handles.iter().for_each(|handle| registry.tell(handle, signal));
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn tell(&mut self, handle: &str, signal: &Signal) {
        let Some(of) = self.sessions.get_mut(handle) else { return };
        // Drops streams whose queue is full, to bound memory.
        of.lines.retain(|line| line.signals.try_send(signal.clone()).is_ok());
        self.forget_if_empty(handle);
    }

    fn forget_if_empty(&mut self, handle: &str) {
        if self.sessions.get(handle).is_some_and(|of| of.lines.is_empty()) {
            self.forget(handle);
        }
    }

    fn forget(&mut self, handle: &str) -> Option<OfSession> {
        let of = self.sessions.remove(handle)?;
        if let Some(handles) = self.users.get_mut(&of.user_id) {
            handles.remove(handle);
            if handles.is_empty() {
                self.users.remove(&of.user_id);
            }
        }
        Some(of)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut registry = self.hub.registry();
        if let Some(of) = registry.sessions.get_mut(&self.handle) {
            of.lines.retain(|line| line.number != self.number);
        }
        registry.forget_if_empty(&self.handle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::error::TryRecvError;

    #[test]
    fn a_slow_reader_is_let_go_and_the_others_are_told() {
        let hub = Hub::with_places(10);
        let (_slow_place, mut slow) = hub.open("ayse", "sid_1", 0).expect("a place");
        for _ in 0..WAITING {
            hub.tell_user("ayse", None, &Signal::UserChanged);
        }
        let (_place, mut quick) = hub.open("ayse", "sid_1", 0).expect("a place");
        hub.tell_user("ayse", None, &Signal::UserChanged);
        assert!(matches!(quick.try_recv(), Ok(Signal::UserChanged)));
        for _ in 0..WAITING {
            assert!(slow.try_recv().is_ok());
        }
        assert!(matches!(slow.try_recv(), Err(TryRecvError::Disconnected)), "no more than {WAITING} wait");
        assert!(!hub.is_empty());
    }

    #[test]
    fn a_session_has_a_limit_and_its_oldest_stream_goes() {
        let hub = Hub::with_places(100);
        let mut open: Vec<_> = (0..=PER_SESSION).map(|_| hub.open("ayse", "sid_1", 0).expect("a place")).collect();
        assert!(matches!(open[0].1.try_recv(), Err(TryRecvError::Disconnected)));
        assert!(matches!(open[1].1.try_recv(), Err(TryRecvError::Empty)));
        // Dropping a stream that was already removed affects no other stream.
        drop(open.remove(0));
        assert!(matches!(open[0].1.try_recv(), Err(TryRecvError::Empty)));
    }

    #[test]
    fn a_server_has_a_limit_and_places_come_back() {
        let hub = Hub::with_places(2);
        let first = hub.open("ayse", "sid_1", 0);
        let _second = hub.open("mehmet", "sid_2", 0).expect("a place");
        assert!(hub.open("zeynep", "sid_3", 0).is_none());
        drop(first);
        assert!(hub.open("zeynep", "sid_3", 0).is_some());
    }

    #[test]
    fn nothing_is_left_of_what_has_gone() {
        let hub = Hub::with_places(10);
        let (place, _heard) = hub.open("ayse", "sid_1", 0).expect("a place");
        let (other, mut ending) = hub.open("ayse", "sid_2", 0).expect("a place");
        assert!(hub.has_others("ayse", "sid_1") && !hub.has_others("mehmet", "sid_1"));
        hub.end("sid_2", EndReason::Revoked);
        assert!(matches!(ending.try_recv(), Ok(Signal::Ended(EndReason::Revoked))));
        assert!(!hub.has_others("ayse", "sid_1"));
        drop((place, other));
        assert!(hub.is_empty() && hub.registry().users.is_empty());
    }

    #[test]
    fn only_streams_of_an_earlier_id_go() {
        let hub = Hub::with_places(10);
        let (_place, mut old) = hub.open("ayse", "sid_1", 0).expect("a place");
        let (_place, mut new) = hub.open("ayse", "sid_1", 1).expect("a place");
        hub.renew("sid_1", 1);
        hub.tell_user("ayse", None, &Signal::UserChanged);
        assert!(matches!(old.try_recv(), Ok(Signal::Renewed)));
        assert!(matches!(old.try_recv(), Err(TryRecvError::Disconnected)), "it hears nothing later");
        assert!(matches!(new.try_recv(), Ok(Signal::UserChanged)));
        hub.renew("sid_1", 1);
        assert!(matches!(new.try_recv(), Err(TryRecvError::Empty)), "heard twice is heard once");
    }
}
