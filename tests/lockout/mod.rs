//! Rate limits on guessing passwords: per identifier, whether it exists or not, and per address.
//!
//! | file | what |
//! |---|---|
//! | `identifiers` | the limit per identifier |
//! | `addresses` | the limit per address, and which address counts |
//! | `turns` | concurrent attempts are evaluated in turn; refused ones cost others nothing |
//! | `clock` | after a clock that was ahead, lockouts last no longer than the policy |
//! | `desk` | the list of lockouts, for administrators |
//! | `upgrade` | counters from before attempts were rows |

mod addresses;
mod clock;
mod desk;
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
