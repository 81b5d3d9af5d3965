//! The files that a server makes: this user's alone, whatever the umask.

use std::fs::{DirBuilder, OpenOptions, Permissions, metadata, set_permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// What this user may do with a file that they alone may read.
const OWN_FILE: u32 = 0o600;

/// The same with a folder.
const OWN_FOLDER: u32 = 0o700;

/// What everybody on the machine may do with a file.
const EVERYBODY: u32 = 0o007;

/// Makes the folder of a file, and those above it. One that was there is left as it is.
///
/// # Errors
/// What the system says.
pub fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => DirBuilder::new().recursive(true).mode(OWN_FOLDER).create(folder),
        None => Ok(()),
    }
}

/// Makes a SQLite file, empty, unless there is one: what SQLite puts beside it
/// has the same permissions. From one that was there, and what is beside it, it
/// takes what everybody may; what its group may is left to whoever said so.
///
/// # Errors
/// What the system says.
pub fn make_database(file: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWN_FILE).open(file) {
        Ok(made) => return made.set_permissions(Permissions::from_mode(OWN_FILE)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        let mode = metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|known| known.permissions().mode());
        if let Some(mode) = mode.filter(|mode| mode & EVERYBODY != 0)
            && let Err(error) = set_permissions(&path, Permissions::from_mode(mode & !EVERYBODY))
        {
            // Another user's, which works all the same.
            tracing::warn!(file = %path.display(), %error, "everybody on this machine can read it");
        }
    }
    Ok(())
}
