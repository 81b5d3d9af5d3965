//! Guessing is bounded: per identifier, whether it exists or not, and per address.
//!
//! | file | what |
//! |---|---|
//! | `identifiers` | so many wrong passwords an identifier has |
//! | `addresses` | so many an address has, and which address it is |

mod addresses;
mod identifiers;

use crate::support::{Answer, TestApp};

const WRONG: &str = "not the password at all";

async fn fail(app: &TestApp, email: &str) -> Answer {
    app.browser().try_password(email, WRONG).await
}

/// Fails until the identifier is locked.
async fn lock(app: &TestApp, email: &str) {
    for left in (0..5).rev() {
        assert_eq!(fail(app, email).await.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
}
