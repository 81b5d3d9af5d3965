//! Pictures: decoded within limits and scaled down.

mod jpeg;
pub mod shrink;
