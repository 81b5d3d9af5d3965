//! Limits concurrent uploads: per user, per address and per server. A slow upload therefore
//! only blocks others of the same user or address. Waiting for a slot has a time limit.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::model::code::Code;
use crate::server::error::{Error, Result, internal};

/// The limit per server. Together with the picture being decoded, it bounds the memory of
/// uploads.
const PER_SERVER: usize = 8;

/// The limit per address, which several users may share.
const PER_ADDRESS: usize = 4;

/// The limit per user.
const PER_USER: usize = 2;

/// The time limit for waiting.
const TIMEOUT: Duration = Duration::from_secs(10);

pub static UPLOAD_SLOTS: LazyLock<UploadSlots> = LazyLock::new(UploadSlots::default);

/// The upload slots of a server.
pub struct UploadSlots {
    all: Arc<Semaphore>,
    /// The semaphores of users and addresses with uploads in progress. Names of users and of
    /// addresses never coincide.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// An upload slot, released on drop.
pub struct UploadSlot {
    _of: [OwnedSemaphorePermit; 3],
}

impl Default for UploadSlots {
    fn default() -> UploadSlots {
        UploadSlots { all: Arc::new(Semaphore::new(PER_SERVER)), shares: Mutex::default() }
    }
}

impl UploadSlots {
    /// Takes a slot for a user at an address.
    ///
    /// # Errors
    /// `unavailable` if none becomes free in time.
    pub async fn take(&self, person: &str, address: &str) -> Result<UploadSlot> {
        let user_slots = self.share(format!("person {person}"), PER_USER);
        let address_slots = self.share(format!("address {address}"), PER_ADDRESS);
        // The server's slot comes last, so that no upload holds it while it waits for the
        // others.
        let taken = async {
            let person = user_slots.acquire_owned().await?;
            let address = address_slots.acquire_owned().await?;
            Ok([person, address, self.all.clone().acquire_owned().await?])
        };
        let taken = timeout(TIMEOUT, taken).await.map_err(|_| Error::from(Code::Unavailable))?;
        taken.map(|of| UploadSlot { _of: of }).map_err(|closed: tokio::sync::AcquireError| internal(closed))
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
    async fn one_user_and_one_address_leave_slots_for_others() {
        let slots = UploadSlots::default();
        let take = |person: &'static str, address: &'static str| {
            let taken = slots.take(person, address).now_or_never();
            taken.map(|slot| slot.unwrap_or_else(|error| panic!("{error}")))
        };
        let mut held = vec![take("ayse", "a").expect("a slot"), take("ayse", "b").expect("a slot")];
        assert!(take("ayse", "c").is_none(), "{PER_USER} per user, at any address");
        held.extend([take("mehmet", "a"), take("zeynep", "a"), take("deniz", "a")].map(|slot| slot.expect("a slot")));
        assert!(take("irmak", "a").is_none(), "{PER_ADDRESS} per address");
        held.extend([take("irmak", "c"), take("umut", "d"), take("can", "e")].map(|slot| slot.expect("a slot")));
        assert!(take("ege", "f").is_none(), "{PER_SERVER} per server");
        held.pop();
        assert!(take("ege", "f").is_some());
        drop(held);
        assert!(take("ayse", "a").is_some());
        slots.share(String::new(), 1);
        assert_eq!(slots.shares.lock().expect("not poisoned").len(), 1, "entries without uploads are removed");
    }
}
