//! A database of an older version keeps what it holds.

use std::fmt::Write;

use kafkasder_panel::server::db::sessions::{check_retired, find, id_key};
use kafkasder_panel::server::sessions::hash;

use crate::support::{Backend, Database, TestApp};

both![sessions_stay_with_their_replaced_ids];

/// The last version without `sessions.id_key`.
const WITHOUT_KEYS: i64 = 8;

async fn sessions_stay_with_their_replaced_ids(app: TestApp) {
    let backend = app.database.backend();
    let blob = |id: &str| {
        let hex = hash(id).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("text");
            hex
        });
        if backend == Backend::Sqlite { format!("x'{hex}'") } else { format!("'\\x{hex}'::bytea") }
    };
    // Hashes that begin with a 0 bit and with a 1 bit, because keys have a sign.
    let ids: Vec<String> = (0..64).map(|number| format!("session_{number:043}")).collect();
    let keys: Vec<i64> = ids.iter().map(|id| id_key(&hash(id))).collect();
    assert!(keys.iter().any(|key| *key < 0) && keys.iter().any(|key| *key > 0));

    let before = Database::empty(backend).await.expect("the backend is there");
    before.migrate_to(WITHOUT_KEYS).await;
    before
        .execute(
            "INSERT INTO users (id, email, name, role, permissions, is_active, labels, created_at, updated_at, version)
             VALUES ('ayse', 'ayse@example.org', 'Ayşe', 'staff', '[]', TRUE, '[]', 1, 1, 1)",
        )
        .await;
    for (number, id) in ids.iter().enumerate() {
        let id_hash = blob(id);
        before
            .execute(&format!(
                "INSERT INTO sessions (handle, id_hash, user_id, remembered, started_at, last_seen_at, expires_at, address,
                     user_agent, id_used_at, rights, proved_at, mutations, mutations_since, renewals)
                 VALUES ('sid_{number}', {id_hash}, 'ayse', TRUE, {number}, 2, 3, 'address', 'browser', 4, 'rights', 5, 6, 7, 8)"
            ))
            .await;
    }
    let replaced = blob("replaced");
    before
        .execute(&format!("INSERT INTO retired_ids (id_hash, handle, harmless) VALUES ({replaced}, 'sid_0', FALSE)"))
        .await;
    let columns =
        "SELECT handle, user_id, CAST(remembered AS TEXT), CAST(started_at AS TEXT), CAST(last_seen_at AS TEXT),
        CAST(expires_at AS TEXT), address, user_agent, CAST(id_used_at AS TEXT), rights, CAST(proved_at AS TEXT),
        CAST(mutations AS TEXT), CAST(mutations_since AS TEXT), CAST(renewals AS TEXT) FROM sessions ORDER BY handle";
    let rows = before.texts(columns).await;

    let upgraded = TestApp::start_on(before).await;
    assert_eq!(upgraded.database.texts(columns).await, rows);
    assert_eq!(rows.len(), ids.len());
    let db = &upgraded.state.db;
    for (number, (id, key)) in ids.iter().zip(keys).enumerate() {
        let found = find(db, key, &hash(id)).await.expect("the database is there").expect("a row");
        assert_eq!(found.handle, format!("sid_{number}"));
    }
    let retired = check_retired(db.reader(), &hash("replaced")).await.expect("the database is there");
    assert_eq!(retired.expect("a row").session.handle, "sid_0");
    upgraded.database.execute("DELETE FROM sessions WHERE handle = 'sid_0'").await;
    assert_eq!(upgraded.database.number("SELECT count(*) FROM retired_ids").await, 0, "they go with the session");
    upgraded.database.remove().await;
}
