//! Server-sent events about the page's own session and user.
//!
//! | file | what |
//! |---|---|
//! | `delivery` | what is sent, and to which streams |
//! | `desk` | what administrators hear of others |
//! | `renewed` | the streams of an id that is no longer valid |
//! | `streams` | who can open a stream, how many, and when it ends |

mod delivery;
mod desk;
mod renewed;
mod streams;

use kafkasder_panel::server::live;

use crate::support::{Browser, Person, TestApp};

async fn two_sessions(app: &TestApp) -> (Person, Browser, Browser) {
    let ayse = app.person("ayse").await;
    let (here, there) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    app.listen_for_notices().await;
    (ayse, here, there)
}

impl TestApp {
    async fn change_user(&self, person: &Person) {
        let mut tx = self.state.db.begin().await.expect("a transaction");
        live::user_changed(&mut tx, &person.id).await.expect("told");
        tx.commit().await.expect("committed");
    }

    async fn reasons(&self) -> Vec<Vec<String>> {
        self.database.texts("SELECT end_reason FROM sessions WHERE ended_at IS NOT NULL ORDER BY end_reason").await
    }
}
