//! The channels between tabs, watched.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use super::browser::Changed;
use super::{run, turn, until};

/// The browser's channels between tabs, watched until dropped: what is said
/// there, and whether everybody has heard it. A listener of the test's own could
/// not know that: the browser serves it before or after the others.
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

    /// How much was said so far.
    pub fn said(&self) -> usize {
        run("return window.__said").as_f64().unwrap() as usize
    }

    /// Waits until everybody has heard what was said, and what they said to that.
    pub async fn quiet(&self) {
        let unheard = || run("let all = 0; for (const one of window.__open) { all += one.unheard } return all") != 0;
        loop {
            until(|| !unheard()).await;
            // For the effects of what was heard last.
            turn().await;
            if !unheard() {
                return;
            }
        }
    }
}
