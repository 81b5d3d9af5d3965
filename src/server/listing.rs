//! How lists are asked for: `cursor`, `limit`, and what else a list knows.

use crate::model::failure::{Code, Failure};
use crate::model::form::form_pairs;
use crate::server::error::Result;

/// How many items a stretch has unless the caller says otherwise.
pub const DEFAULT_LIMIT: u32 = 50;

/// The most a caller may ask for.
pub const MAX_LIMIT: u32 = 200;

/// The query of a list. Every value is taken out once; what is left over is unknown.
pub struct Query(Vec<(String, String)>);

/// Which stretch of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub limit: u32,
    /// Where the stretch before ended, in the list's own words.
    pub cursor: Option<String>,
}

impl Default for Window {
    fn default() -> Window {
        Window { limit: DEFAULT_LIMIT, cursor: None }
    }
}

impl Query {
    /// Reads a query string.
    ///
    /// # Errors
    /// `invalid_request` for one that can't be decoded.
    pub fn read(query: Option<&str>) -> Result<Query> {
        form_pairs(query.unwrap_or_default().as_bytes()).map(Query).map_err(|_| invalid())
    }

    /// A value, if it is there.
    ///
    /// # Errors
    /// `invalid_request` when it is there twice.
    pub fn take(&mut self, name: &str) -> Result<Option<String>> {
        let position = self.0.iter().position(|(n, _)| n == name);
        let value = position.map(|at| self.0.remove(at).1);
        if self.0.iter().any(|(n, _)| n == name) { Err(invalid()) } else { Ok(value) }
    }

    /// A value that is `true` or `false`; absent is `false`.
    ///
    /// # Errors
    /// `invalid_request` for everything else.
    pub fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid()),
        }
    }

    /// `cursor` and `limit`.
    ///
    /// # Errors
    /// `invalid_request` for a limit that is no number from 1 to 200.
    pub fn window(&mut self) -> Result<Window> {
        let limit = match self.take("limit")? {
            None => DEFAULT_LIMIT,
            Some(text) => number(&text).filter(|n| (1..=MAX_LIMIT).contains(n)).ok_or_else(invalid)?,
        };
        Ok(Window { limit, cursor: self.take("cursor")? })
    }

    /// Makes sure that nothing was asked for that the list does not know.
    ///
    /// # Errors
    /// `invalid_request` for a name that is left over.
    pub fn nothing_else(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(invalid()) }
    }
}

/// A value that is none.
pub fn invalid() -> Failure {
    Failure::new(Code::InvalidRequest)
}

/// Digits and nothing else: no sign, no space.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(query: &str) -> Option<Window> {
        let mut query = Query::read(Some(query)).ok()?;
        let window = query.window().ok()?;
        query.nothing_else().ok().map(|()| window)
    }

    #[test]
    fn limits_are_bounded_and_nothing_is_guessed() {
        assert_eq!(window(""), Some(Window::default()));
        assert_eq!(window("limit=200&cursor=x"), Some(Window { limit: 200, cursor: Some("x".to_owned()) }));
        for bad in
            ["limit=0", "limit=201", "limit=-1", "limit=+1", "limit=", "limit=1.5", "limit=1&limit=1", "x=1", "%zz"]
        {
            assert_eq!(window(bad), None, "{bad}");
        }
    }
}
