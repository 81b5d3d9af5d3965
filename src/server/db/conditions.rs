//! Builds the conditions of a list with optional filters. Each filter that is set adds its
//! condition and bound values.

use sqlx::{AssertSqlSafe, FromRow, PgExecutor, Postgres, Sqlite, SqliteExecutor, postgres::PgRow, sqlite::SqliteRow};

use super::On;

/// A bound value of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Text(String),
    Number(i64),
    Flag(bool),
}

impl From<&str> for Bind {
    fn from(text: &str) -> Bind {
        Bind::Text(text.to_owned())
    }
}

impl From<String> for Bind {
    fn from(text: String) -> Bind {
        Bind::Text(text)
    }
}

impl From<i64> for Bind {
    fn from(number: i64) -> Bind {
        Bind::Number(number)
    }
}

impl From<bool> for Bind {
    fn from(flag: bool) -> Bind {
        Bind::Flag(flag)
    }
}

/// Conditions joined by AND. Their texts are constants; all input is bound.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    text: String,
    binds: Vec<Bind>,
}

impl Conditions {
    /// Adds a condition. `?1`, `?2` and so on are its values.
    pub fn and(mut self, condition: &'static str, values: impl IntoIterator<Item = Bind>) -> Conditions {
        self.text.push_str(if self.text.is_empty() { " WHERE (" } else { " AND (" });
        let before = self.binds.len();
        let mut parts = condition.split('?');
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let number = before + part[..digits].parse::<usize>().unwrap_or_default();
            self.text.push_str(&format!("${number}{}", &part[digits..]));
        }
        self.text.push(')');
        self.binds.extend(values);
        self
    }

    /// Adds the condition that a column has one of these values.
    pub fn and_one_of(mut self, column: &'static str, values: &[String]) -> Conditions {
        let numbers: Vec<String> = (0..values.len()).map(|n| format!("${}", self.binds.len() + n + 1)).collect();
        self.text.push_str(if self.text.is_empty() { " WHERE (" } else { " AND (" });
        match values.is_empty() {
            true => self.text.push_str("1 = 0)"),
            false => self.text.push_str(&format!("{column} IN ({}))", numbers.join(", "))),
        }
        self.binds.extend(values.iter().map(|value| value.as_str().into()));
        self
    }

    /// Conditions after these values, which the `select` uses as `$1` and so on.
    pub fn after(binds: impl IntoIterator<Item = Bind>) -> Conditions {
        Conditions { text: String::new(), binds: binds.into_iter().collect() }
    }

    /// Counts the rows of `from … WHERE …`, up to a bound. The database counts, so that no number of
    /// rows travels.
    ///
    /// # Errors
    /// The database's error.
    pub async fn count<'e>(
        &self,
        on: On<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
        from: &'static str,
        bound: i64,
    ) -> sqlx::Result<u64> {
        let mut limited = self.clone();
        limited.binds.push(bound.into());
        let select = format!("SELECT count(*) FROM (SELECT 1 AS one {from}");
        let end = format!(" LIMIT ${}) AS found", limited.binds.len());
        let rows: Vec<(i64,)> = limited.fetch(on, &select, &end).await?;
        Ok(rows.first().map_or(0, |(count,)| u64::try_from(*count).unwrap_or_default()))
    }

    /// Runs `select … WHERE … order LIMIT limit`.
    ///
    /// # Errors
    /// The database's error.
    pub async fn fetch_page<'e, R>(
        &self,
        on: On<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
        select: &'static str,
        order: &'static str,
        limit: i64,
    ) -> sqlx::Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut limited = self.clone();
        limited.binds.push(limit.into());
        limited.fetch(on, select, &format!("{order} LIMIT ${}", limited.binds.len())).await
    }

    /// Runs `select … WHERE … order`.
    ///
    /// # Errors
    /// The database's error.
    pub async fn fetch_all<'e, R>(
        &self,
        on: On<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
        select: &'static str,
        order: &'static str,
    ) -> sqlx::Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.fetch(on, select, order).await
    }

    async fn fetch<'e, R>(
        &self,
        on: On<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
        select: &str,
        order: &str,
    ) -> sqlx::Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let sql = format!("{select}{} {order}", self.text);
        macro_rules! run {
            ($database:ty, $executor:expr) => {{
                let query = sqlx::query_as::<$database, R>(AssertSqlSafe(sql));
                let query = self.binds.iter().fold(query, |query, bind| match bind {
                    Bind::Text(text) => query.bind(text),
                    Bind::Number(number) => query.bind(number),
                    Bind::Flag(flag) => query.bind(flag),
                });
                query.fetch_all($executor).await
            }};
        }
        match on {
            On::Sqlite(e) => run!(Sqlite, e),
            On::Postgres(e) => run!(Postgres, e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_consecutively() {
        let conditions = Conditions::default()
            .and("a = ?1 OR a IN (?2, ?1)", ["x".into(), "y".into()])
            .and("b IS NULL", [])
            .and("c > ?1", [7.into()]);
        assert_eq!(conditions.text, " WHERE (a = $1 OR a IN ($2, $1)) AND (b IS NULL) AND (c > $3)");
        assert_eq!(conditions.binds, ["x".into(), "y".into(), Bind::Number(7)]);
        assert_eq!(Conditions::default().text, "");
        let any = conditions.and_one_of("d", &["p".to_owned(), "q".to_owned()]).and_one_of("e", &[]);
        assert!(any.text.ends_with(" AND (d IN ($4, $5)) AND (1 = 0)"), "{}", any.text);
        assert_eq!(any.binds[3..], ["p".into(), "q".into()]);
    }
}
