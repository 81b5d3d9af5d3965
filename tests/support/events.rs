//! A client of the server-sent event stream.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use kafkasder_panel::model::live::LiveEvent;
use serde_json::Value;

use super::answer::Answer;
use super::browser::Browser;

pub const EVENTS: &str = "/api/auth/events";
pub const EVENT_STREAM: &str = "text/event-stream";

/// The longest wait for an event, which is generous for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open event stream. Dropping it closes it.
pub struct Events {
    pub head: Answer,
    body: BodyDataStream,
    unread: String,
}

impl Browser {
    /// Opens the event stream and reads its first block.
    pub async fn events(&mut self) -> Events {
        self.events_at(EVENTS).await
    }

    /// As [`Self::events`], with the events about revocation that the panel's pages ask for.
    pub async fn events_with_revocation(&mut self) -> Events {
        self.events_at("/api/auth/events?revocation=true").await
    }

    async fn events_at(&mut self, path: &str) -> Events {
        let ask = self.fetch("GET", path).header("accept", EVENT_STREAM);
        let (head, body, _) = ask.open().await;
        let mut events = Events::new(head.expect(200), body);
        assert_eq!(events.block().await.as_deref(), Some("retry: 1000"));
        events
    }
}

impl Events {
    fn new(head: Answer, body: Body) -> Events {
        Events { head, body: body.into_data_stream(), unread: String::new() }
    }

    /// Returns the next block, which an empty line ends; returns `None` when the stream has ended.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("something comes in time");
            let Some(chunk) = chunk else {
                assert_eq!(self.unread, "", "the stream ends with an empty line");
                return None;
            };
            self.unread += std::str::from_utf8(&chunk.expect("no error")).expect("UTF-8");
        }
    }

    /// Skips comments and returns the next event's name and data.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            if block.starts_with(':') {
                continue;
            }
            let (name, data) = block.split_once('\n').expect("two lines");
            let name = name.strip_prefix("event: ").expect("an event has a name").to_owned();
            let data = data.strip_prefix("data: ").expect("an event has data");
            let read = LiveEvent::read(&name, data);
            assert!(read.is_some(), "every event is of the one vocabulary: {name} {data}");
            return Some((name, serde_json::from_str(data).expect("data is one line of JSON")));
        }
    }

    /// Asserts the next event's name, and returns its data.
    pub async fn expect(&mut self, name: &str) -> Value {
        let (heard, data) = self.next().await.unwrap_or_else(|| panic!("the stream ended before {name}"));
        assert_eq!(heard, name, "{data}");
        data
    }

    /// Asserts that the session ended for this reason and that the server closes the stream.
    pub async fn expect_end(&mut self, reason: &str) {
        assert_eq!(self.expect("session-ended").await, serde_json::json!({ "reason": reason }));
        assert_eq!(self.block().await, None, "the server closes the stream");
    }
}
