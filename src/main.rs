//! The entry point: command line → config → serve.

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    match kafkasder_panel::server::serve::runtime() {
        Ok(runtime) => runtime.block_on(kafkasder_panel::server::cli::run(kafkasder_panel::FRONT)),
        Err(error) => {
            eprintln!("The runtime can't be started: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
