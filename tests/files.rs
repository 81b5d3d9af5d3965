//! Files on the disk: their permissions and the size of the write-ahead log.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Backend, TestApp};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o777
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Creates a database with the `migrate` command under a umask.
fn migrate(file: &Path, umask: &str) {
    let script = format!("umask {umask}; exec \"$0\" migrate");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_kafkasder-panel")]);
    command.env("DATABASE_URL", format!("sqlite:{}", file.display())).current_dir(file.ancestors().nth(3).unwrap());
    assert!(command.status().unwrap().success());
}

#[test]
fn new_files_and_folders_are_private() {
    for umask in ["000", "022", "077"] {
        let folder = TempDir::new().unwrap();
        allow(folder.path(), 0o755);
        let file = folder.path().join("made/here/panel.db");
        migrate(&file, umask);
        for made in ["made", "made/here"] {
            assert_eq!(mode(&folder.path().join(made)), 0o700, "{made} under {umask}");
        }
        for made in ["panel.db", "session-secret"] {
            assert_eq!(mode(&file.with_file_name(made)), 0o600, "{made} under {umask}");
        }
        assert_eq!(mode(folder.path()), 0o755, "an existing folder keeps its permissions");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_databases_files_are_private() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    app.person("ayse").await;
    let file = app.state.config.database_file().unwrap();
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(Path::new(&format!("{}{suffix}", file.display()))), 0o600, "{suffix}");
    }
}

#[test]
fn others_lose_access_to_a_database_they_could_read() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("made/here/panel.db");
    migrate(&file, "022");
    for (before, after) in [(0o644, 0o640), (0o666, 0o660), (0o640, 0o640), (0o600, 0o600)] {
        allow(&file, before);
        migrate(&file, "022");
        assert_eq!(mode(&file), after, "the group keeps its permissions");
    }
    allow(file.parent().unwrap(), 0o755);
    migrate(&file, "022");
    assert_eq!(mode(file.parent().unwrap()), 0o755);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_truncates_the_write_ahead_log_after_a_long_read() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let file = app.state.config.database_file().unwrap();
    let wal = || std::fs::metadata(format!("{}-wal", file.display())).map_or(0, |wal| wal.len());
    let mut reader = SqliteConnection::connect(&app.database.url).await.unwrap();
    reader.execute("BEGIN; SELECT count(*) FROM users").await.unwrap();
    app.database.execute("CREATE TABLE filler (content BLOB)").await;
    for _ in 0..24 {
        app.database.execute("INSERT INTO filler VALUES (randomblob(1000000))").await;
    }
    app.sweep().await;
    assert!(wal() > 20_000_000, "the log can't shrink during a read: {}", wal());
    // Writers don't wait for the reader, which may be a backup.
    app.person("ayse").await;
    reader.execute("COMMIT").await.unwrap();
    app.sweep().await;
    assert_eq!(wal(), 0);
    app.person("mehmet").await;
}
