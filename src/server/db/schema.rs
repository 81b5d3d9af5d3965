//! The schema's own tables, and the smallest statements there are.

use super::query::queries;

queries! {
    fn ping() -> Option<(i64,)> {
        "SELECT CAST(1 AS BIGINT)"
    }

    /// The smallest write there is. SQLite does not write what stays the same.
    fn write_probe() -> Count {
        "UPDATE write_probe SET writes = writes + 1 WHERE id = 1"
    }

    /// How many migrations are applied.
    fn applied() -> Option<(i64,)> {
        "SELECT count(*) FROM _sqlx_migrations WHERE success"
    }
}
