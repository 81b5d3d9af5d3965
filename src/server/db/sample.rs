//! Sample values for the binds of queries, with which a test runs every query.

/// A type that a query can bind.
pub trait Sample {
    /// The value for a bind of this name.
    fn sample(bind: &'static str) -> Self;
}

impl Sample for &'static str {
    fn sample(bind: &'static str) -> &'static str {
        bind
    }
}

impl Sample for &'static [u8] {
    fn sample(bind: &'static str) -> &'static [u8] {
        bind.as_bytes()
    }
}

impl Sample for i64 {
    fn sample(bind: &'static str) -> i64 {
        match bind {
            "limit" => 100,
            // A key that no sample row has.
            "new_id_key" => 0,
            _ => 1,
        }
    }
}

impl Sample for bool {
    fn sample(_: &'static str) -> bool {
        true
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(bind: &'static str) -> Option<T> {
        Some(T::sample(bind))
    }
}

/// The number of rows that a query returned or affected.
pub trait Rows {
    fn count(&self) -> usize;
}

impl<T> Rows for Option<T> {
    fn count(&self) -> usize {
        usize::from(self.is_some())
    }
}

impl<T> Rows for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }
}

impl Rows for u64 {
    fn count(&self) -> usize {
        usize::try_from(*self).unwrap_or(usize::MAX)
    }
}
