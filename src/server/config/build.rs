//! Finds the files of the build that pages load.

use std::path::{Path, PathBuf};

use leptos::config::LeptosOptions;

use super::Invalid;

/// The list of hashes, next to the program.
fn list(options: &LeptosOptions) -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().unwrap_or(Path::new("")).join(options.hash_file.as_ref())
}

/// The script that pages load, with the hash from the list, if any.
fn script(options: &LeptosOptions, list: Option<&str>) -> Option<PathBuf> {
    let name = match list {
        Some(list) => {
            let hash = list.lines().find_map(|line| line.trim().strip_prefix("js:"))?;
            format!("{}.{}.js", options.output_name, hash.trim())
        }
        None => format!("{}.js", options.output_name),
    };
    Some(Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref()).join(name))
}

/// Whether the build put hashes into its file names: it wrote a list of them next to the
/// program, and the files exist. A list from an earlier build does not count.
pub fn is_hashed(options: &LeptosOptions) -> bool {
    let list = std::fs::read_to_string(list(options)).ok();
    list.and_then(|list| script(options, Some(&list))).is_some_and(|script| script.exists())
}

/// Checks that the files that pages load exist, unless `LEPTOS_HASH_FILES` is set.
///
/// # Errors
/// What is missing, and what to do. A site folder without a build is no error, because the
/// panel works without scripts.
pub fn check(options: &LeptosOptions, hash_files: Option<bool>) -> Result<(), Invalid> {
    let list = list(options);
    let plain_is_missing = || {
        let script = script(options, None).unwrap_or_default();
        !script.exists() && script.parent().is_some_and(Path::exists)
    };
    let lacking = match hash_files {
        Some(true) => !list.exists(),
        Some(false) => false,
        None => !options.hash_files && plain_is_missing(),
    };
    match lacking {
        true => Err(format!(
            "{} is missing or of another build than the site folder: run `make build`, and keep both as it leaves them",
            list.display()
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(site: &Path) -> LeptosOptions {
        LeptosOptions::builder().output_name("panel").site_root(site.display().to_string()).build()
    }

    #[test]
    fn a_hash_list_counts_only_if_its_files_exist() {
        let site = tempfile::tempdir().unwrap();
        let options = options(site.path());
        let list = "js: abc\nwasm: def\ncss: ghi\n";
        let named = script(&options, Some(list)).unwrap();
        assert_eq!(named, site.path().join("pkg/panel.abc.js"));
        assert_eq!(script(&options, None).unwrap(), site.path().join("pkg/panel.js"));
        assert_eq!(script(&options, Some("css: ghi")), None);
        // There is no list next to this test.
        assert!(!is_hashed(&options));
    }

    #[test]
    fn a_missing_script_is_an_error() {
        let site = tempfile::tempdir().unwrap();
        let options = options(site.path());
        assert_eq!(check(&options, None), Ok(()), "nothing was built: pages go without scripts");
        std::fs::create_dir(site.path().join("pkg")).unwrap();
        std::fs::write(site.path().join("pkg/panel.abc.js"), "").unwrap();
        assert!(check(&options, None).unwrap_err().contains("hash.txt is missing"));
        assert_eq!(check(&options, Some(false)), Ok(()));
        assert!(check(&options, Some(true)).unwrap_err().contains("hash.txt is missing"));
        std::fs::write(site.path().join("pkg/panel.js"), "").unwrap();
        assert_eq!(check(&options, None), Ok(()));
    }
}
