//! Pagination of lists: a limit and a cursor.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::listing::Listing;

/// The highest limit that a client may ask for.
const MAX_LIMIT: u32 = 200;

/// The number of items on a page: 1 to 200, by default 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

impl Default for Limit {
    fn default() -> Limit {
        Limit(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(limit: D) -> Result<Limit, D::Error> {
        let limit = u32::deserialize(limit)?;
        if (1..=MAX_LIMIT).contains(&limit) { Ok(Limit(limit)) } else { Err(D::Error::custom("a limit is 1 to 200")) }
    }
}

impl Limit {
    /// # Panics
    /// At compile time, for a limit out of bounds.
    pub const fn of(limit: u32) -> Limit {
        assert!(limit >= 1 && limit <= MAX_LIMIT);
        Limit(limit)
    }

    /// The number of rows to query: one more than the limit, to detect whether there are more.
    pub fn rows(self) -> i64 {
        i64::from(self.0) + 1
    }

    /// Makes a page from the rows queried with [`rows`](Self::rows). `cursor` returns the
    /// position of a row, for the next page.
    pub fn listing<R, T>(self, mut rows: Vec<R>, cursor: impl Fn(&R) -> String, item: impl Fn(R) -> T) -> Listing<T> {
        let limit = self.0 as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(cursor);
        Listing { items: rows.into_iter().map(item).collect(), next_cursor, total: None, more: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::form::read_query;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        #[serde(default)]
        limit: Limit,
    }

    #[test]
    fn limits_are_bounded() {
        let read = |query: &str| read_query::<Query>(query).ok().map(|query| query.limit);
        assert_eq!(read(""), Some(Limit::default()));
        assert_eq!(read("limit=200"), Some(Limit::of(200)));
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=+1", "limit=", "limit=1.5", "limit=1&limit=1", "x=1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn one_extra_row_reveals_a_next_page() {
        let stretch = |rows: u32| Limit::of(2).listing((0..rows).collect(), u32::to_string, |row| row * 10);
        assert_eq!(stretch(2), Listing { items: vec![0, 10], next_cursor: None, total: None, more: false });
        assert_eq!(
            stretch(3),
            Listing { items: vec![0, 10], next_cursor: Some("1".to_owned()), total: None, more: false }
        );
    }
}
