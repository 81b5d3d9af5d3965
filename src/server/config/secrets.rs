//! The session secrets: from the settings, or created once and stored.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{Invalid, Sources, database_file, list};
use crate::server::files;
use crate::server::keys::{self, MIN_SECRET, Secret};

pub fn secrets(sources: &Sources, database_url: &str) -> Result<Vec<Secret>, Invalid> {
    let given = list(sources, "SESSION_SECRET");
    if !given.is_empty() {
        let wanted = format!(
            "SESSION_SECRET must be one or several secrets of at least {MIN_SECRET} bytes, newest first, separated by commas"
        );
        return given.into_iter().map(|text| Secret::new(text).ok_or_else(|| wanted.clone())).collect();
    }
    let Some(database) = database_file(database_url) else {
        return Err(format!(
            "SESSION_SECRET must be set with PostgreSQL: at least {MIN_SECRET} random bytes, the same on every server"
        ));
    };
    Ok(vec![stored_secret(&database)?])
}

/// The secret stored next to a SQLite file, created once.
fn stored_secret(database: &Path) -> Result<Secret, Invalid> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = folder.join("session-secret");
    let unwritable = |e: std::io::Error| {
        format!(
            "{} can't be written ({e}): make the folder writable for this user, or set SESSION_SECRET",
            path.display()
        )
    };
    files::make_folder_of(&path).map_err(unwritable)?;
    let made = keys::random::<32>().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    // `create_new`, so that of two servers that start together one creates the secret and both
    // read it.
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(made.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(unwritable(e)),
    }
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{} can't be read: {e}", path.display()))?;
    Secret::new(text.trim()).ok_or_else(|| {
        format!("{} must hold at least {MIN_SECRET} bytes; remove it to have a new one made", path.display())
    })
}
