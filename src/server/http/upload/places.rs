//! Limits concurrent uploads: per user, per address and per server. A slow upload therefore
//! only blocks others of the same user or address. Waiting for a place has a time limit.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::model::failure::Code;
use crate::server::error::{Error, Result, internal};

/// The limit per server. Together with the picture being decoded, it bounds the memory of
/// uploads.
const OF_SERVER: usize = 8;

/// The limit per address, which several users may share.
const OF_ADDRESS: usize = 4;

/// The limit per user.
const OF_PERSON: usize = 2;

/// The time limit for waiting.
const PATIENCE: Duration = Duration::from_secs(10);

pub static PLACES: LazyLock<Places> = LazyLock::new(Places::default);

/// The upload places of a server.
pub struct Places {
    all: Arc<Semaphore>,
    /// The semaphores of users and addresses with uploads in progress. Names of users and of
    /// addresses never coincide.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// An upload place, released on drop.
pub struct Place {
    _of: [OwnedSemaphorePermit; 3],
}

impl Default for Places {
    fn default() -> Places {
        Places { all: Arc::new(Semaphore::new(OF_SERVER)), shares: Mutex::default() }
    }
}

impl Places {
    /// Takes a place for a user at an address.
    ///
    /// # Errors
    /// `unavailable` if none becomes free in time.
    pub async fn take(&self, person: &str, address: &str) -> Result<Place> {
        let of_person = self.share(format!("person {person}"), OF_PERSON);
        let of_address = self.share(format!("address {address}"), OF_ADDRESS);
        // The server's place comes last, so that no upload holds it while it waits for the
        // others.
        let taken = async {
            let person = of_person.acquire_owned().await?;
            let address = of_address.acquire_owned().await?;
            Ok([person, address, self.all.clone().acquire_owned().await?])
        };
        let taken = timeout(PATIENCE, taken).await.map_err(|_| Error::from(Code::Unavailable))?;
        taken.map(|of| Place { _of: of }).map_err(|closed: tokio::sync::AcquireError| internal(closed))
    }

    fn share(&self, name: String, size: usize) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.retain(|_, share| share.strong_count() > 0);
        let known = shares.get(&name).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let share = Arc::new(Semaphore::new(size));
            shares.insert(name, Arc::downgrade(&share));
            share
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_person_and_one_address_leave_room_for_others() {
        let places = Places::default();
        let take = |person: &'static str, address: &'static str| {
            let taken = places.take(person, address).now_or_never();
            taken.map(|place| place.unwrap_or_else(|error| panic!("{error}")))
        };
        let mut held = vec![take("ayse", "a").expect("a place"), take("ayse", "b").expect("a place")];
        assert!(take("ayse", "c").is_none(), "{OF_PERSON} of one person, wherever they are");
        held.extend(
            [take("mehmet", "a"), take("zeynep", "a"), take("deniz", "a")].map(|place| place.expect("a place")),
        );
        assert!(take("irmak", "a").is_none(), "{OF_ADDRESS} from one address");
        held.extend([take("irmak", "c"), take("umut", "d"), take("can", "e")].map(|place| place.expect("a place")));
        assert!(take("ege", "f").is_none(), "{OF_SERVER} in all");
        held.pop();
        assert!(take("ege", "f").is_some());
        drop(held);
        assert!(take("ayse", "a").is_some());
        places.share(String::new(), 1);
        assert_eq!(places.shares.lock().expect("nobody panics").len(), 1, "nothing is left of who has gone");
    }
}
