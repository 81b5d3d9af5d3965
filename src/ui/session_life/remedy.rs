//! What the page does about a refused call before it is repeated: a sign-in
//! over the covered page, or the password once more.

use std::rc::Rc;

use futures::channel::oneshot;
use leptos::prelude::*;

use super::SessionLife;
use crate::api::client;
use crate::model::code::Code;
use crate::model::failure::Failure;

/// The calls that wait for a person; `false` tells them to give up.
pub type Waiting = Vec<oneshot::Sender<bool>>;

impl SessionLife {
    /// Helps every call of this page.
    pub(super) fn help_calls(self) {
        client::set_remedy(Rc::new(move |failure| Box::pin(self.remedy(failure))));
    }

    async fn remedy(self, failure: Failure) -> Result<(), Failure> {
        match failure.code {
            // Nobody was signed in here: it is not this session that ended.
            Code::Unauthenticated if !self.store.alive() && self.store.ended().with_untracked(Option::is_none) => {
                return Err(failure);
            }
            Code::Unauthenticated => {
                self.lost(failure.reason).await;
                // It was the late answer of an id that another tab has replaced.
                if self.store.alive() {
                    return Ok(());
                }
            }
            Code::ReauthRequired => self.proving.set(true),
            _ => return Err(failure),
        }
        let (done, waiting) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(done));
        match waiting.await {
            Ok(true) => Ok(()),
            _ => Err(failure),
        }
    }

    /// Somebody has signed in or confirmed, or will not: what waits goes on.
    pub fn helped(self, well: bool) {
        self.proving.set(false);
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        for call in waiting {
            // Fails for a call that nobody waits for any more.
            call.send(well).ok();
        }
    }
}
