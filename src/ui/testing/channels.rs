//! Observes the channels between tabs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use super::browser::Changed;
use super::{run, turn, until};

/// Observes the channels between tabs until it is dropped: the messages, and whether all tabs have
/// received them. An additional listener could not tell, because the browser may call it before the
/// others.
pub struct Channels(#[expect(dead_code, reason = "held for its drop")] Changed);

impl Channels {
    pub fn watched() -> Channels {
        run("window.__said = 0; window.__open = new Set()");
        Channels(Changed::property(
            "window",
            "BroadcastChannel",
            "writable: true, value: class extends before.value {
                unheard = 0;
                set onmessage(hear) {
                    window.__open.add(this);
                    super.onmessage = (event) => { this.unheard -= 1; hear.call(this, event) };
                }
                postMessage(data) {
                    window.__said += 1;
                    for (const other of window.__open) {
                        if (other !== this && other.name === this.name) { other.unheard += 1 }
                    }
                    super.postMessage(data);
                }
                close() { window.__open.delete(this); super.close() }
            }",
        ))
    }

    /// Returns the number of messages so far.
    pub fn message_count(&self) -> usize {
        run("return window.__said").as_f64().unwrap() as usize
    }

    /// Waits until all tabs have received the messages and the answers to them.
    pub async fn quiet(&self) {
        let unheard = || run("let all = 0; for (const one of window.__open) { all += one.unheard } return all") != 0;
        loop {
            until(|| !unheard()).await;
            // Lets the effects of the last message run.
            turn().await;
            if !unheard() {
                return;
            }
        }
    }
}
