//! What the account page knows of sessions, and what its buttons do to them.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::client;
use crate::model::account::{AccountPage, EndedSessions};
use crate::model::failure::{Code, Failure};
use crate::model::lang::Lang;
use crate::model::listing::Listing;
use crate::model::session::SessionItem;
use crate::model::text::Text;
use crate::ui::auth_store::{AuthStore, auth_store};
use crate::ui::browser::focus;
use crate::ui::components::form_state::query;
use crate::ui::page::{lang, snapshot};

/// Where the list is asked for again, in one stretch.
const LIST: &str = "/api/account/sessions?ended=true&limit=200";

/// The state the sections of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    pub live: RwSignal<Vec<SessionItem>>,
    pub more_live: bool,
    pub ended: RwSignal<Vec<SessionItem>>,
    pub ended_cursor: RwSignal<Option<String>>,
    /// What has just been done to sessions, in words.
    pub notice: RwSignal<Option<String>>,
    /// Why it was not done, in words.
    pub refusal: RwSignal<Option<String>>,
    /// The button that is at work, by its handle or action.
    pub busy: RwSignal<Option<String>>,
    lang: Lang,
    store: AuthStore,
}

impl Desk {
    /// The page as it opens; after a post without WASM, with what that did.
    pub fn of_page(account: &AccountPage) -> Desk {
        let lang = lang();
        let flash = snapshot().flash.unwrap_or_default();
        let done = query("done").is_some_and(|what| what == "sessions");
        let code = query("error").and_then(|name| Code::from_name(&name));
        let refused = flash.form.starts_with("/api/account/sessions/") && flash.code == code;
        Desk {
            live: RwSignal::new(account.live.clone()),
            more_live: account.more_live,
            ended: RwSignal::new(account.ended.clone()),
            ended_cursor: RwSignal::new(account.ended_cursor.clone()),
            notice: RwSignal::new(flash.ended_count.filter(|_| done).map(|count| ended_text(count, lang))),
            refusal: RwSignal::new(code.filter(|_| refused).map(|code| refusal_text(code, lang))),
            busy: RwSignal::new(None),
            lang,
            store: auth_store(),
        }
    }

    /// Does what a button asks, then shows what is there now. The button may be
    /// gone by then, so the focus goes to the heading above the list.
    pub fn act(self, button: String, work: impl Future<Output = Result<EndedSessions, Failure>> + 'static) {
        if self.busy.get_untracked().is_some() {
            return;
        }
        self.busy.set(Some(button));
        self.notice.set(None);
        self.refusal.set(None);
        spawn_local(async move {
            match work.await {
                Ok(done) => {
                    self.refresh().await;
                    self.notice.set(Some(ended_text(done.ended, self.lang)));
                }
                Err(failure) => {
                    // What is not there any more should not be offered again.
                    if failure.code == Code::NotFound {
                        self.refresh().await;
                    }
                    self.refuse(&failure);
                }
            }
            self.busy.set(None);
            focus("#sessions-title".to_owned());
        });
    }

    /// Signs this browser out, after every session has ended.
    pub fn act_and_leave(self, button: String, work: impl Future<Output = Result<EndedSessions, Failure>> + 'static) {
        if self.busy.get_untracked().is_some() {
            return;
        }
        self.busy.set(Some(button));
        spawn_local(async move {
            match work.await {
                Ok(_) => self.store.logout(None).await,
                Err(failure) => {
                    self.refuse(&failure);
                    self.busy.set(None);
                }
            }
        });
    }

    /// Asks for the sessions as they are now; without an answer the page stays as it is.
    pub async fn refresh(self) {
        if let Ok(list) = client::read::<Listing<SessionItem>>(LIST).await {
            let (ended, live) = list.items.into_iter().partition(|item: &SessionItem| item.ended_at.is_some());
            self.live.set(live);
            self.ended.set(ended);
            self.ended_cursor.set(list.next_cursor);
        }
    }

    fn refuse(self, failure: &Failure) {
        self.store.refused(failure);
        self.refusal.set(Some(refusal_text(failure.code, self.lang)));
    }
}

/// How many sessions were ended, as a sentence.
pub fn ended_text(count: usize, lang: Lang) -> String {
    match count {
        0 => Text::SessionsEndedNone.to(lang).to_owned(),
        1 => Text::SessionsEndedOne.to(lang).to_owned(),
        _ => Text::SessionsEndedMany.with(lang, &[("count", &count.to_string())]),
    }
}

fn refusal_text(code: Code, lang: Lang) -> String {
    match code {
        Code::NotFound => Text::SessionsGone.to(lang),
        other => other.text(lang),
    }
    .to_owned()
}
