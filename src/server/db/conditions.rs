//! Builds the conditions of a list with optional filters. Each filter that is set adds its
//! condition and bound values.

use serde_json::json;
use sqlx::{AssertSqlSafe, FromRow, PgExecutor, Postgres, Sqlite, SqliteExecutor, postgres::PgRow, sqlite::SqliteRow};

use super::On;

/// A bound value of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Text(String),
    /// One of these.
    Texts(Vec<String>),
    Number(i64),
    Flag(bool),
}

impl From<&str> for Bind {
    fn from(text: &str) -> Bind {
        Bind::Text(without_nul(text))
    }
}

impl From<String> for Bind {
    fn from(text: String) -> Bind {
        Bind::Text(without_nul(&text))
    }
}

/// What a filter finds is never stored with NUL, which PostgreSQL refuses even in a comparison.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
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

/// Before and after the placeholder of a list, whose words differ by database.
const ONE_OF: char = '\u{1}';
const END_OF_LIST: char = '\u{2}';

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

    /// Adds the condition that a column has one of these values. They are one bind: SQLite looks each bind up by
    /// its name, and prepares each number of them anew.
    pub fn and_one_of(mut self, column: &'static str, values: &[String]) -> Conditions {
        self.text.push_str(if self.text.is_empty() { " WHERE (" } else { " AND (" });
        self.text.push_str(&format!("{column} {ONE_OF}${}{END_OF_LIST})", self.binds.len() + 1));
        self.binds.push(Bind::Texts(values.iter().map(|value| without_nul(value)).collect()));
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
        let sql =
            |one_of, end| format!("{select}{} {order}", self.text.replace(ONE_OF, one_of).replace(END_OF_LIST, end));
        macro_rules! run {
            ($database:ty, $executor:expr, $sql:expr, $list:expr) => {{
                let query = sqlx::query_as::<$database, R>(AssertSqlSafe($sql));
                let query = self.binds.iter().fold(query, |query, bind| match bind {
                    Bind::Text(text) => query.bind(text),
                    Bind::Texts(texts) => query.bind($list(texts)),
                    Bind::Number(number) => query.bind(number),
                    Bind::Flag(flag) => query.bind(flag),
                });
                query.fetch_all($executor).await
            }};
        }
        match on {
            On::Sqlite(e) => {
                run!(Sqlite, e, sql("IN (SELECT value FROM json_each(", "))"), |texts: &Vec<String>| json!(texts)
                    .to_string())
            }
            On::Postgres(e) => run!(Postgres, e, sql("= ANY(", ")"), Vec::clone),
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
        assert!(any.text.ends_with(" AND (d \u{1}$4\u{2}) AND (e \u{1}$5\u{2})"), "{}", any.text);
        assert_eq!(Bind::from("a\0b"), Bind::Text("ab".to_owned()));
        assert_eq!(any.binds[3..], [Bind::Texts(vec!["p".to_owned(), "q".to_owned()]), Bind::Texts(Vec::new())]);
    }
}
