//! A database of the bench on a PostgreSQL server, dropped at the end.

use sqlx::{Connection, Executor, PgConnection};

use super::{Outcome, seed};

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

    /// Lets the server run on these cores for connections from now on, if it is on this machine.
    pub fn pin(&self, cores: &str) -> Outcome<()> {
        let own: i32 = seed::block_on(async {
            let mut connection = PgConnection::connect(&self.url).await?;
            Ok(sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?)
        })?;
        // The process that starts one for each connection, which inherits its cores.
        let Ok(status) = std::fs::read_to_string(format!("/proc/{own}/status")) else { return Ok(()) };
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap_or_default().trim();
        std::process::Command::new("taskset").args(["-cp", cores, parent]).output()?;
        Ok(())
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
