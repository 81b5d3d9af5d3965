//! Formats log lines. Each event is one line. No text in it can forge a line, hide, or change
//! the direction of the text around it.

use std::io::{self, Write};

use futures::future::Either;
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

use crate::server::config::LogFormat;

tokio::task_local! {
    /// The request that the current task works for. A `tracing` span would be created for every
    /// request, although few of them log a line.
    static REQUEST: Uuid;
}

/// Work for a request. All its lines get the request's id.
pub fn of_request<T>(id: Uuid, work: impl Future<Output = T>) -> impl Future<Output = T> {
    REQUEST.scope(id, work)
}

/// Work that the current request leaves to another task.
pub fn in_current_request<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    match REQUEST.try_with(|id| *id) {
        Ok(id) => Either::Left(REQUEST.scope(id, work)),
        Err(_) => Either::Right(work),
    }
}

/// A logger in this format. All output passes through [`escape`].
pub fn log<W>(format: LogFormat, filter: EnvFilter, colours: bool, to: W) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = Lines { to, colours, format };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(lines);
    // tracing would report write errors, such as a full disk, on stderr, where they fail and
    // panic again.
    let log = log.log_internal_errors(false);
    match format {
        LogFormat::Text => log.into(),
        LogFormat::Json => log.json().into(),
    }
}

/// Whether a character is visible and safe: letters and digits of any script, and ASCII
/// punctuation. Excludes controls, line separators, characters that join or change the
/// direction of text, characters without width, and blanks that Unicode classes as letters.
pub fn is_plain(c: char) -> bool {
    let blank_letter = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    c == ' ' || c.is_ascii_graphic() || (c.is_alphanumeric() && !blank_letter)
}

/// Escapes every character that is not plain as `\uXXXX`. JSON uses the same escape, so one
/// rule holds for both formats.
fn escape(text: &str, colours: bool) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_plain(c) || (colours && c == '\u{1b}') {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
        out
    })
}

struct Lines<W> {
    to: W,
    format: LogFormat,
    /// Whether to keep escape characters: tracing starts its colours with one, and has already
    /// escaped those in values.
    colours: bool,
}

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Lines<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Line { to: self.to.make_writer(), colours: self.colours, format: self.format }
    }
}

/// Writes each event at once.
struct Line<W> {
    to: W,
    colours: bool,
    format: LogFormat,
}

/// Adds the id of the current request to a line.
fn with_request(line: String, format: LogFormat) -> String {
    let Ok(id) = REQUEST.try_with(|id| id.simple()) else { return line };
    match (format, line.strip_prefix('{')) {
        (LogFormat::Json, Some(fields)) => format!("{{\"request\":\"{id}\",{fields}"),
        _ => format!("{line} request={id}"),
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = escape(text.strip_suffix('\n').unwrap_or(&text), self.colours);
        let line = with_request(line, self.format) + "\n";
        self.to.write_all(line.as_bytes()).map(|()| event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_characters_are_not_escaped() {
        for text in ["GET /a?b=c \"x\" {}\\", "ağrı Straße 北京 ελ ١٢", ""] {
            assert_eq!(escape(text, false), text);
        }
    }

    #[test]
    fn invisible_and_line_breaking_characters_are_escaped() {
        let odd = "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{115f}\u{180e}\u{200b}\u{200d}\u{200f}\u{2028}\u{2029}\u{202e}\u{2060}\u{2066}\u{2069}\u{3164}\u{fe0f}\u{feff}\u{fff9}\u{e0041}\u{e000}\u{fffd}";
        for c in odd.chars() {
            assert!(!is_plain(c), "{c:?}");
            let escaped = escape(&format!("a{c}b"), false);
            assert!(escaped.bytes().all(|byte| byte.is_ascii_graphic()), "{c:?}: {escaped}");
            let json: String = serde_json::from_str(&format!("\"{escaped}\"")).unwrap();
            assert_eq!(json, format!("a{c}b"));
        }
    }
}
