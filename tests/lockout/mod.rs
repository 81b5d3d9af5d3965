//! Guessing is bounded: per identifier, whether it exists or not, and per address.
//!
//! | file | what |
//! |---|---|
//! | `identifiers` | so many wrong passwords an identifier has |
//! | `addresses` | so many an address has, and which address it is |
//! | `turns` | attempts that come at once; who is refused takes nothing from others |
//! | `clock` | a clock that was ahead locks nobody out for longer than the policy |
//! | `upgrade` | what was counted before attempts were rows |

mod addresses;
mod clock;
mod identifiers;
mod turns;
mod upgrade;

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
