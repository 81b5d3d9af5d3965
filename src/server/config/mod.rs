//! The server's settings: the environment has priority over `Leptos.toml`, which has priority
//! over the defaults.

mod build;
mod public;
mod secrets;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use leptos::config::{Env, LeptosOptions};

use crate::server::keys::Secret;
pub use public::Authority;
use public::{authorities, origins, public_url};
use secrets::secrets;

/// An invalid setting: its name and what is expected, in one line.
pub type Invalid = String;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The validated settings.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: String,
    /// Newest first; never empty.
    pub secrets: Vec<Secret>,
    /// Scheme, host and port that users open, without a trailing slash.
    pub public_url: String,
    /// Whether `public_url` is HTTPS. It enables `Secure` cookies, `__Host-` names and HSTS.
    pub https: bool,
    /// The allowed values of `Origin`: the public origin first, and on loopback its other
    /// names.
    pub origins: Vec<String>,
    /// The hosts and ports that requests may be sent to.
    pub authorities: Vec<Authority<'static>>,
    pub trusted_proxies: Vec<IpNet>,
    pub log_format: LogFormat,
    pub leptos: LeptosOptions,
    /// The setting for hashes in file names. If `None`, the files of the build decide.
    pub hash_files: Option<bool>,
}

/// The sources of settings: the environment and the file's text.
pub struct Sources<'a> {
    pub env: &'a dyn Fn(&str) -> Option<String>,
    pub file: toml::Table,
}

impl Sources<'_> {
    /// A setting: the environment first, then the file. `LEPTOS_X_Y` is `x-y` in the Leptos
    /// table. Any other name is in `[panel]`, in lower case with dashes.
    fn get(&self, name: &str) -> Option<String> {
        if let Some(value) = (self.env)(name).filter(|value| !value.trim().is_empty()) {
            return Some(value);
        }
        let (table, key) = match name.strip_prefix("LEPTOS_") {
            Some(key) => (self.file.get("package")?.get("metadata")?.get("leptos")?, key),
            None => (self.file.get("panel")?, name),
        };
        match table.get(key.to_lowercase().replace('_', "-"))? {
            toml::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

impl Config {
    /// Reads the environment and, if it exists, `Leptos.toml` in the working directory.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn load() -> Result<Config, Invalid> {
        let file = match std::fs::read_to_string("Leptos.toml") {
            Ok(text) => {
                text.parse::<toml::Table>().map_err(|e| format!("Leptos.toml is not valid TOML: {}", e.message()))?
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => toml::Table::new(),
            Err(e) => return Err(format!("Leptos.toml can't be read: {e}")),
        };
        Config::from(&Sources { env: &|name| std::env::var(name).ok(), file })
    }

    /// Validates the settings of the sources.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn from(sources: &Sources) -> Result<Config, Invalid> {
        let database_url = sources.get("DATABASE_URL").unwrap_or_else(|| "sqlite:data/panel.db".to_owned());
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| database_url.starts_with(scheme)) {
            return Err("DATABASE_URL must start with sqlite: or postgres://".to_owned());
        }
        let insecure = flag(sources, "DANGER_INSECURE_HTTP")?.unwrap_or(false);
        let public =
            public_url(&sources.get("PUBLIC_URL").unwrap_or_else(|| "http://127.0.0.1:3000".to_owned()), insecure)?;
        let trusted_proxies = list(sources, "TRUSTED_PROXIES")
            .iter()
            .map(|text| text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)))
            .collect::<Result<_, _>>()
            .map_err(|_| "TRUSTED_PROXIES must be networks like 10.0.0.0/8, separated by commas".to_owned())?;
        let log_format = match sources.get("LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => return Err("LOG_FORMAT must be text or json".to_owned()),
        };
        let origins = origins(&public);
        Ok(Config {
            secrets: secrets(sources, &database_url)?,
            https: public.scheme() == "https",
            authorities: authorities(&origins),
            origins,
            public_url: public.origin().ascii_serialization(),
            database_url,
            trusted_proxies,
            log_format,
            leptos: leptos_options(sources)?,
            hash_files: flag(sources, "LEPTOS_HASH_FILES")?,
        })
    }

    /// Checks that the files that pages load exist.
    ///
    /// # Errors
    /// What is missing, and what to do.
    pub fn check_build(&self) -> Result<(), Invalid> {
        build::check(&self.leptos, self.hash_files)
    }

    /// The file of a SQLite database; `None` for PostgreSQL.
    pub fn database_file(&self) -> Option<PathBuf> {
        database_file(&self.database_url)
    }
}

/// The path in `sqlite:PATH` or `sqlite://PATH`, with or without a query.
fn database_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(PathBuf::from(path.split('?').next().unwrap_or_default()))
}

fn list(sources: &Sources, name: &str) -> Vec<String> {
    let text = sources.get(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn flag(sources: &Sources, name: &str) -> Result<Option<bool>, Invalid> {
    match sources.get(name).as_deref() {
        None => Ok(None),
        Some("1" | "true") => Ok(Some(true)),
        Some("0" | "false") => Ok(Some(false)),
        Some(_) => Err(format!("{name} must be 1 or 0")),
    }
}

fn leptos_options(sources: &Sources) -> Result<LeptosOptions, Invalid> {
    let text = |name: &str, default: &str| sources.get(name).unwrap_or_else(|| default.to_owned());
    let address = text("LEPTOS_SITE_ADDR", "127.0.0.1:3000");
    let site_addr = address
        .parse::<SocketAddr>()
        .map_err(|_| "LEPTOS_SITE_ADDR must be an address and port, like 127.0.0.1:3000".to_owned())?;
    let mut options = LeptosOptions::builder()
        .output_name(text("LEPTOS_OUTPUT_NAME", "kafkasder-panel"))
        .site_root(text("LEPTOS_SITE_ROOT", "target/site"))
        .site_pkg_dir(text("LEPTOS_SITE_PKG_DIR", "pkg"))
        // Only `cargo leptos watch` sets this variable. It relaxes the content security policy.
        .env(if (sources.env)("LEPTOS_WATCH").is_some() { Env::DEV } else { Env::PROD })
        .site_addr(site_addr)
        .reload_port(
            text("LEPTOS_RELOAD_PORT", "3001").parse().map_err(|_| "LEPTOS_RELOAD_PORT must be a port".to_owned())?,
        )
        .build();
    // The default is right in both cases: `cargo leptos watch` writes no hashes, and a release
    // does.
    options.hash_files = flag(sources, "LEPTOS_HASH_FILES")?.unwrap_or_else(|| build::is_hashed(&options));
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn config(env: &[(&str, &str)], file: &str) -> Result<Config, Invalid> {
        let lookup = |name: &str| match name {
            "SESSION_SECRET" if !env.iter().any(|(n, _)| *n == name) => Some(SECRET.to_owned()),
            _ => env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()),
        };
        Config::from(&Sources { env: &lookup, file: file.parse().unwrap() })
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_the_defaults() {
        assert_eq!(config(&[], "").unwrap().database_url, "sqlite:data/panel.db");
        let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[panel]\ndatabase-url = \"sqlite:x.db\"";
        let read = config(&[], file).unwrap();
        assert_eq!((read.database_url.as_str(), read.leptos.site_addr.port()), ("sqlite:x.db", 4000));
        assert_eq!(config(&[("DATABASE_URL", "sqlite:y.db")], file).unwrap().database_url, "sqlite:y.db");
        // A byte order mark is not part of the file.
        assert_eq!(config(&[], &format!("\u{feff}{file}")).unwrap().database_url, "sqlite:x.db");
    }

    #[test]
    fn errors_name_the_invalid_setting() {
        for (name, value) in [
            ("DATABASE_URL", "mysql://x"),
            ("PUBLIC_URL", "panel.example.org"),
            ("PUBLIC_URL", "http://panel.example.org"),
            ("PUBLIC_URL", "https://panel.example.org/app"),
            ("PUBLIC_URL", "ftp://x"),
            ("PUBLIC_URL", "https://panel!.example.org"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
            ("LOG_FORMAT", "xml"),
            ("SESSION_SECRET", "short"),
            ("SESSION_SECRET", "0123456789abcdef0123456789abcdef,short"),
            ("LEPTOS_SITE_ADDR", "3000"),
            ("DANGER_INSECURE_HTTP", "maybe"),
        ] {
            let error = config(&[(name, value)], "").unwrap_err();
            assert!(error.starts_with(name), "{name}={value}: {error}");
            assert!(!error.contains("0123456789"), "{error}");
        }
        assert!(config(&[("PUBLIC_URL", "http://panel.example.org"), ("DANGER_INSECURE_HTTP", "1")], "").is_ok());
    }

    #[test]
    fn postgres_requires_a_configured_secret() {
        let error = config(&[("DATABASE_URL", "postgres://db/panel"), ("SESSION_SECRET", "")], "").unwrap_err();
        assert!(error.starts_with("SESSION_SECRET"), "{error}");
    }

    #[test]
    fn an_origin_on_loopback_has_three_names() {
        let names = ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"];
        for public in names {
            let read = config(&[("PUBLIC_URL", public)], "").unwrap();
            assert_eq!((read.origins[0].as_str(), read.public_url.as_str()), (public, public));
            assert!(names.iter().all(|name| read.origins.iter().any(|origin| origin == name)), "{:?}", read.origins);
            assert_eq!((read.origins.len(), read.authorities.len()), (3, 3));
        }
        let read = config(&[("PUBLIC_URL", "https://panel.example.org:443")], "").unwrap();
        assert_eq!((read.origins.as_slice(), read.https), (["https://panel.example.org".to_owned()].as_slice(), true));
    }

    #[test]
    fn the_stored_secret_is_created_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/data/panel.db", folder.path().display());
        let lookup = |name: &str| (name == "DATABASE_URL").then(|| url.clone());
        let load = || Config::from(&Sources { env: &lookup, file: toml::Table::new() }).unwrap();
        load();
        let path = folder.path().join("data/session-secret");
        let first = std::fs::read(&path).unwrap();
        load();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
