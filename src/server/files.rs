//! Creates files and folders that only this user can read, whatever the umask is.

use std::fs::{DirBuilder, OpenOptions, Permissions, metadata, set_permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Permissions of a private file: only this user reads and writes.
const PRIVATE_FILE: u32 = 0o600;

/// Permissions of a private folder.
const PRIVATE_FOLDER: u32 = 0o700;

/// The permission bits of users outside the owner and group.
const OTHER_USERS: u32 = 0o007;

/// Creates the parent folders of a file. Existing folders keep their permissions.
///
/// # Errors
/// The error of the operating system.
pub fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(folder),
        None => Ok(()),
    }
}

/// Creates an empty, private SQLite file unless it exists. SQLite gives its journal files the
/// same permissions. For existing files, removes the permissions of other users and keeps those
/// of the group, which an administrator may have set.
///
/// # Errors
/// The error of the operating system.
pub fn make_database(file: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(file) {
        Ok(made) => return made.set_permissions(Permissions::from_mode(PRIVATE_FILE)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        let mode = metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|known| known.permissions().mode());
        if let Some(mode) = mode.filter(|mode| mode & OTHER_USERS != 0)
            && let Err(error) = set_permissions(&path, Permissions::from_mode(mode & !OTHER_USERS))
        {
            // The file belongs to another user. SQLite can still use it.
            tracing::warn!(file = %path.display(), %error, "every user of this machine can read the file");
        }
    }
    Ok(())
}
