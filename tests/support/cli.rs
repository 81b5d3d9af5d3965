//! Runs the command line's binary on a test's database.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::app::TestApp;

/// A finished command: its exit code and output.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl CommandOutput {
    #[track_caller]
    pub fn expect(self, code: i32) -> CommandOutput {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Asserts an error: this exit code, no output on stdout, and these words on stderr.
    #[track_caller]
    pub fn refused(self, code: i32, words: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        assert!(self.stderr.contains(words), "{words:?} is not in {self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }
}

/// Runs `kafkasder-panel ARGS…` with the panel's settings, overridden by `settings`, and with `stdin`.
pub async fn run(app: &TestApp, args: &[&str], settings: &[(&str, &str)], stdin: impl AsRef<[u8]>) -> CommandOutput {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafkasder-panel"));
    // The working directory is empty, so the command reads no Leptos.toml.
    let folder = tempfile::tempdir().expect("a temporary folder");
    command.args(args).env_clear().envs(app.settings()).envs(settings.iter().copied()).current_dir(folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("a pipe");
    // The write fails when the command has closed its stdin unread.
    input.write_all(stdin.as_ref()).await.ok();
    drop(input);
    let output = child.wait_with_output().await.expect("the binary ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    CommandOutput {
        code: output.status.code().expect("an exit code"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
