//! Queries as functions: text, bound values and row type of a query in one place.
//!
//! Each text works on both databases, because both support `$n`. The macro also lists every
//! query, so that a test prepares and runs each on SQLite and PostgreSQL.

use futures::future::BoxFuture;

use super::Tx;

/// A query, as the test sees it.
pub struct Query {
    /// Module and function.
    pub name: &'static str,
    pub sql: &'static str,
    /// Runs the query with sample values and returns the number of rows.
    pub run: for<'t> fn(&'t mut Tx) -> BoxFuture<'t, sqlx::Result<usize>>,
}

/// Declares query functions, and the list `ALL` of them:
///
/// ```text
/// queries! {
///     /// What it is for.
///     fn name(bind: Type, …) -> Option<Row> { "SELECT … $1" }
/// }
/// ```
///
/// The result is `Option<Row>`, `Vec<Row>`, or `Count` for the number of affected rows. The
/// first parameter of each function is the executor: [`Db::reader`](super::Db::reader),
/// [`Db::writer`](super::Db::writer) or [`Tx::on`].
///
/// A bind that has the name of a column gets, in the test, the value of that column in the
/// sample rows.
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

/// One query function. The result type decides how it runs.
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
        /// The database's error.
        #[allow(clippy::too_many_arguments, reason = "a query takes as many values as it binds")]
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
        /// The database's error.
        #[allow(clippy::too_many_arguments, reason = "a query takes as many values as it binds")]
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

/// Declares a query function that reads in the calling thread if possible (see
/// [`local`](super::local)), and else by the query function that it is named after:
///
/// ```text
/// local! {
///     /// What it is for.
///     fn name = query(bind: Type, …) -> Option<Row> { SQL }
/// }
/// ```
macro_rules! local {
    ($($(#[$doc:meta])* fn $local:ident = $query:ident($($bind:ident: $type:ty),*) -> $kind:ident<$row:ty> { $sql:expr })*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// The database's error.
        pub async fn $local(db: &$crate::server::db::Db, $($bind: $type),*) -> sqlx::Result<$kind<$row>> {
            let found = db.here(|reader| $crate::server::db::query::local!(@ $kind reader)($sql, rusqlite::params![$($bind),*]));
            match found {
                Some(found) => Ok(found),
                // Boxed, because almost no request needs it.
                None => Box::pin($query(db.reader(), $($bind),*)).await,
            }
        })*
    };
    (@ Option $reader:ident) => {
        |sql, binds| $reader.one(sql, binds)
    };
    (@ Vec $reader:ident) => {
        |sql, binds| $reader.all(sql, binds)
    };
}

pub(crate) use {local, queries, query};
