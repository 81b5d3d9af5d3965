//! The command line. Results go to stdout, errors to stderr with exit code 1,
//! usage errors with 2.

mod doctor;
mod lockouts;
mod people;
mod policy;
mod roles;
mod sessions;
mod users;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::util::SubscriberInitExt;

use crate::model::code::Code;
use crate::model::lang::Lang;
use crate::server::clock::Clock;
use crate::server::config::{Config, LogFormat};
use crate::server::error::Error;
use crate::server::http::front::Front;
use crate::server::log::log;
use crate::server::serve::{raise_file_limit, serve};
use crate::server::state::AppState;

/// The front door of an association's panel.
#[derive(Parser)]
#[command(name = "kafkasder-panel", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the panel (the default).
    Serve,
    /// Bring the database schema up to date.
    Migrate,
    /// Add, list, disable, enable and unlock users.
    #[command(subcommand)]
    User(UserCommand),
    /// List, save and delete roles.
    #[command(subcommand)]
    Role(RoleCommand),
    /// List, revoke and sweep sessions.
    #[command(subcommand)]
    Session(SessionCommand),
    /// List and lift lockouts, of people and of addresses.
    #[command(subcommand)]
    Lockout(LockoutCommand),
    /// Show and set the policy.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Check database, settings and proxies, in words.
    Doctor,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a user; prints the id. Without --password-stdin a one-time activation link goes to stderr.
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// A name in `role list`.
        #[arg(long)]
        role: String,
        /// Read the password as one line from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all users.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show one user.
    Show {
        email: String,
        #[arg(long)]
        json: bool,
    },
    /// Change a user.
    Edit {
        email: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_name = "EMAIL")]
        new_email: Option<String>,
        /// A name in `role list`.
        #[arg(long)]
        role: Option<String>,
        /// An empty text removes it.
        #[arg(long)]
        phone: Option<String>,
        /// Also if no administrator who can sign in is left.
        #[arg(long)]
        force: bool,
        #[arg(long)]
        json: bool,
    },
    /// Make a one-time link for a new password; it is printed on stdout.
    ResetLink {
        email: String,
        #[arg(long)]
        json: bool,
    },
    /// Require a new password of a user: until they choose one, nothing else is possible.
    RequirePassword { email: String },
    /// Delete a user, their sessions and their picture for good.
    Delete {
        email: String,
        /// Also if no administrator who can sign in is left.
        #[arg(long)]
        force: bool,
        #[arg(long)]
        json: bool,
    },
    /// Disable a user and end their sessions.
    Disable {
        email: String,
        /// Also if no administrator who can sign in is left.
        #[arg(long)]
        force: bool,
    },
    /// Enable a disabled user.
    Enable { email: String },
    /// Lift a lockout.
    Unlock { email: String },
}

#[derive(Subcommand)]
enum RoleCommand {
    /// List the roles, with their permissions and how many people have each.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Add or change a role.
    Save {
        /// 2 to 40 of a-z, 0-9, _ and -.
        name: String,
        /// At most 60 characters; an empty one shows the name.
        #[arg(long)]
        label: Option<String>,
        /// Repeat it for every permission; the role then has exactly these.
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
        /// Takes every permission away.
        #[arg(long, conflicts_with = "permissions")]
        no_permissions: bool,
        #[arg(long)]
        json: bool,
    },
    /// Delete a role that nobody has.
    Delete {
        name: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum SessionCommand {
    /// List the live sessions, of everybody or of one user.
    List {
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// Include ended sessions, as long as the policy keeps them.
        #[arg(long)]
        ended: bool,
        #[arg(long)]
        json: bool,
    },
    /// End a session; takes effect at the next request on every server.
    Revoke { handle: String },
    /// End sessions past their limits and delete rows past their retention, as the server does
    /// by itself.
    Sweep,
}

#[derive(Subcommand)]
enum LockoutCommand {
    /// List the lockouts in force.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Lift a lockout and delete its failures.
    Lift {
        /// An email or an address, as `lockout list` shows it.
        name: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Show the current policy.
    Show {
        #[arg(long)]
        json: bool,
    },
    /// Change one key; takes effect at the next request on every server.
    Set { key: String, value: String },
}

/// Runs the command line. `serve` serves `front`.
pub async fn run(front: Front) -> ExitCode {
    match dispatch(Cli::parse(), front).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli, front: Front) -> Result<(), String> {
    let config = Config::load()?;
    let command = cli.command.unwrap_or(Command::Serve);
    if let Command::Serve = command {
        log_to_stderr(config.log_format);
        raise_file_limit();
    }
    if let Command::Doctor = command {
        return doctor::run(config).await;
    }
    let panel = AppState::open(config, Clock::System).await?;
    match command {
        Command::Serve => return serve(panel, front).await,
        Command::Migrate => {
            println!("The database schema is up to date.");
            panel.unconverted_addresses.iter().for_each(|address| println!("{address}"));
        }
        Command::User(command) => users::run(&panel, command).await?,
        Command::Role(command) => roles::run(&panel, command).await?,
        Command::Session(command) => sessions::run(&panel, command).await?,
        Command::Lockout(command) => lockouts::run(&panel, command).await?,
        Command::Policy(command) => policy::run(&panel, command).await?,
        Command::Doctor => {}
    }
    panel.db.close().await;
    Ok(())
}

/// Prints that an act was done, or that there was nothing to do: for programs, or in a sentence.
fn print_done(done: bool, json: bool, sentence: &str) {
    if json {
        println!("{}", serde_json::json!({ "done": done }));
    } else {
        println!("{sentence}");
    }
}

/// Reports a value that the command line's syntax allows, but the database does not know.
fn usage_error(problem: &str) -> ! {
    Cli::command().error(ErrorKind::InvalidValue, problem).exit()
}

/// Log lines go to stderr, because stdout is for results and for the set-up link.
fn log_to_stderr(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    log(format, filter, std::io::stderr().is_terminal(), std::io::stderr).init();
}

/// An error's message for the command line.
fn message(error: Error) -> String {
    let fields: Option<Vec<String>> =
        error.details().map(|details| details.fields.values().map(|problem| problem.text(Lang::En)).collect());
    match (error.code, error.cause()) {
        (Code::Unavailable, _) => {
            "The database can't be used at the moment: check that it is running and writable.".to_owned()
        }
        (Code::ValidationFailed, _) => fields.unwrap_or_default().join(" "),
        (code, Some(cause)) => format!("{} ({cause})", code.text(Lang::En)),
        (code, None) => code.text(Lang::En).to_owned(),
    }
}
