//! Places to take pictures in: so many of a person, of an address and of the
//! server. Whoever stalls holds up their own, and who waits does not wait for ever.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::model::failure::Code;
use crate::server::error::{Error, Result, internal};

/// So many are taken in at a time; with the picture that is decoded, this is
/// the memory that pictures may take.
const OF_SERVER: usize = 8;

/// So many from one address: several people may share it.
const OF_ADDRESS: usize = 4;

/// So many of one person.
const OF_PERSON: usize = 2;

/// How long to wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);

pub static PLACES: LazyLock<Places> = LazyLock::new(Places::default);

/// The places of a server.
pub struct Places {
    all: Arc<Semaphore>,
    /// Of whom somebody holds or waits for a place; names of people and of addresses differ.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// A place, until it is dropped.
pub struct Place {
    _of: [OwnedSemaphorePermit; 3],
}

impl Default for Places {
    fn default() -> Places {
        Places { all: Arc::new(Semaphore::new(OF_SERVER)), shares: Mutex::default() }
    }
}

impl Places {
    /// Takes a place for a person at an address, by its bucket.
    ///
    /// # Errors
    /// `unavailable` when there is none for a while.
    pub async fn take(&self, person: &str, address: &str) -> Result<Place> {
        let of_person = self.share(format!("person {person}"), OF_PERSON);
        let of_address = self.share(format!("address {address}"), OF_ADDRESS);
        // The one that everybody shares comes last: nobody holds it while they wait for their own.
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
