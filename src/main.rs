//! The entry point: command line → config → serve.

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    // At least four workers: on one core, rendering can wait for itself for ever
    // (leptos-rs/leptos#4647).
    let workers = std::thread::available_parallelism().map_or(4, usize::from).max(4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(kafkasder_panel::server::cli::run(kafkasder_panel::FRONT)),
        Err(error) => {
            eprintln!("The runtime can't be started: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
