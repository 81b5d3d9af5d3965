//! Pictures: read within bounds and made small.

mod jpeg;
pub mod shrink;
