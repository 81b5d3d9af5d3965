//! A user's own sessions: listing and ending them.
//!
//! | file | what |
//! |---|---|
//! | `listing` | the list's fields, its order and who may see it |
//! | `ending` | ending one session, all others, or all |
//! | `page` | the account page without scripts |

mod ending;
mod listing;
mod page;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, SESSION};

const LIST: &str = "/api/account/sessions";

const END: &str = "/api/account/sessions/end";

const END_OTHERS: &str = "/api/account/sessions/end-others";

const END_ALL: &str = "/api/account/sessions/end-all";

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

async fn items(browser: &mut Browser, query: &str) -> Vec<Value> {
    browser.get(&format!("{LIST}{query}")).await.data()["items"].as_array().expect("a list").clone()
}

/// Returns the handles of the live sessions in the order of the list.
async fn handles(browser: &mut Browser) -> Vec<String> {
    items(browser, "").await.iter().map(|item| text(item, "handle")).collect()
}

fn text(item: &Value, key: &str) -> String {
    item[key].as_str().unwrap_or_else(|| panic!("{key} is text: {item}")).to_owned()
}

async fn handle(browser: &mut Browser) -> String {
    text(&items(browser, "").await[0], "handle")
}

async fn end(browser: &mut Browser, handle: &str) -> Answer {
    browser.post(END, json!({ "handle": handle })).await
}

async fn assert_ended(browser: &mut Browser, reason: &str) {
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], reason);
}
