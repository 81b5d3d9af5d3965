//! Queries as functions: each has its text, its binds and its row in one place.
//!
//! One text serves both databases, which both know `$n`. The macro also lists
//! every query, so that a test prepares and runs each on SQLite and PostgreSQL.

use futures::future::BoxFuture;

use super::Tx;

/// A query, as a test sees it.
pub struct Query {
    /// Module and function.
    pub name: &'static str,
    pub sql: &'static str,
    /// Runs it with sample values for its binds; says how many rows there were.
    pub run: for<'t> fn(&'t mut Tx) -> BoxFuture<'t, sqlx::Result<usize>>,
}

/// Declares query functions, and `ALL` of them:
///
/// ```text
/// queries! {
///     /// What it is for.
///     fn name(bind: Type, …) -> Option<Row> { "SELECT … $1" }
/// }
/// ```
///
/// The result is `Option<Row>`, `Vec<Row>`, or `Count` for the number of rows that
/// a statement has touched. Each function takes first what it runs on:
/// [`Db::reader`](super::Db::reader), [`Db::writer`](super::Db::writer) or [`Tx::on`].
///
/// A bind of the name of a column gets, in the test, the value that the sample rows
/// have there.
macro_rules! queries {
    ($($(#[$doc:meta])* fn $name:ident($($bind:ident: $type:ty),* $(,)?) -> $kind:ident $(<$row:ty>)? { $sql:expr })*) => {
        $($crate::server::db::query::query! {
            $(#[$doc])* fn $name($($bind: $type),*) -> $kind $(<$row>)? { $sql }
        })*

        /// Every query of this file.
        pub const ALL: &[$crate::server::db::query::Query] = &[$($crate::server::db::query::Query {
            name: concat!(module_path!(), "::", stringify!($name)),
            sql: $sql,
            run: |tx| Box::pin(async move {
                let rows = $name(tx.on() $(, $crate::server::db::sample::Sample::sample(stringify!($bind)))*).await?;
                Ok($crate::server::db::sample::Rows::count(&rows))
            }),
        }),*];
    };
}

/// One query function; the result decides how it is run.
macro_rules! query {
    ($(#[$doc:meta])* fn $name:ident($($bind:ident: $type:ty),*) -> Option<$row:ty> { $sql:expr }) => {
        $crate::server::db::query::query!(@ fetch_optional, $row, Option<$row>, $(#[$doc])* $name($($bind: $type),*) $sql);
    };
    ($(#[$doc:meta])* fn $name:ident($($bind:ident: $type:ty),*) -> Vec<$row:ty> { $sql:expr }) => {
        $crate::server::db::query::query!(@ fetch_all, $row, Vec<$row>, $(#[$doc])* $name($($bind: $type),*) $sql);
    };
    ($(#[$doc:meta])* fn $name:ident($($bind:ident: $type:ty),*) -> Count { $sql:expr }) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// The database's own.
        pub async fn $name<'e>(
            on: $crate::server::db::On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
            $($bind: $type),*
        ) -> sqlx::Result<u64> {
            match on {
                $crate::server::db::On::Sqlite(e) => sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected()),
                $crate::server::db::On::Postgres(e) => sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected()),
            }
        }
    };
    (@ $fetch:ident, $row:ty, $result:ty, $(#[$doc:meta])* $name:ident($($bind:ident: $type:ty),*) $sql:expr) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// The database's own.
        pub async fn $name<'e>(
            on: $crate::server::db::On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
            $($bind: $type),*
        ) -> sqlx::Result<$result> {
            match on {
                $crate::server::db::On::Sqlite(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$fetch(e).await,
                $crate::server::db::On::Postgres(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$fetch(e).await,
            }
        }
    };
}

pub(crate) use {queries, query};
