//! A database of the bench on a PostgreSQL server, dropped at the end.

use sqlx::{Connection, Executor, PgConnection};

use super::Outcome;

/// An empty database on the server of `TEST_DATABASE_URL`.
pub struct Database {
    server: String,
    name: String,
    pub url: String,
}

impl Database {
    /// One database per kind. `None` without a server.
    pub fn create(kind: &str) -> Outcome<Option<Database>> {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return Ok(None) };
        let name = format!("panel_bench_{kind}_{}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))?;
        let mut url = url::Url::parse(&server)?;
        url.set_path(&name);
        Ok(Some(Database { server, name, url: url.into() }))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = run(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
            eprintln!("The database {} stays: {error}", self.name);
        }
    }
}

fn run(server: &str, statement: &str) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = PgConnection::connect(server).await?;
        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
        Ok(connection.close().await?)
    })
}
