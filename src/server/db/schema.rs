//! The schema's own tables, and minimal statements for probes.

use super::query::queries;

queries! {
    fn ping() -> Option<(i64,)> {
        "SELECT CAST(1 AS BIGINT)"
    }

    /// A minimal write. It changes the value, because SQLite does not write unchanged pages.
    fn write_probe() -> Count {
        "UPDATE write_probe SET writes = writes + 1 WHERE id = 1"
    }

    /// The number of applied migrations.
    fn applied() -> Option<(i64,)> {
        "SELECT count(*) FROM _sqlx_migrations WHERE success"
    }
}
