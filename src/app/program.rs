//! Loads the browser's program: after the first paint, when the browser is idle, and at low
//! priority. Every form works as plain HTML until then.

use std::sync::OnceLock;

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// The script that loads the program, with placeholders for its two files.
const LOADER: &str = include_str!("loader.js");

/// The paths of the build's files on the site.
struct Files {
    js: String,
    wasm: String,
    css: String,
}

impl Files {
    /// The paths, read once: they don't change while the server runs.
    fn once(options: &LeptosOptions) -> &'static Files {
        static FILES: OnceLock<Files> = OnceLock::new();
        FILES.get_or_init(|| Files::of(options))
    }

    /// The paths, with the build's hashes if it has made any.
    fn of(options: &LeptosOptions) -> Files {
        let (package, name) = (&options.site_pkg_dir, &options.output_name);
        let hashes = if options.hash_files { read_hashes(options) } else { String::new() };
        let hash = |kind: &str| {
            let line = hashes.lines().find_map(|line| line.split_once(':').filter(|(name, _)| name.trim() == kind));
            line.map(|(_, hash)| format!(".{}", hash.trim())).unwrap_or_default()
        };
        Files {
            js: format!("/{package}/{name}{}.js", hash("js")),
            wasm: format!("/{package}/{name}{}.wasm", hash("wasm")),
            css: format!("/{package}/{name}{}.css", hash("css")),
        }
    }
}

/// Reads the build's hashes. Without the file, names have no hashes (in watch mode).
fn read_hashes(options: &LeptosOptions) -> String {
    let beside =
        std::env::current_exe().ok().and_then(|server| Some(server.parent()?.join(options.hash_file.as_ref())));
    beside.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default()
}

/// The script that loads the program, for the page's head.
#[component]
pub fn Loader(options: LeptosOptions) -> impl IntoView {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    let script = SCRIPT.get_or_init(|| {
        let files = Files::once(&options);
        LOADER.replace("JS_FILE", &files.js).replace("WASM_FILE", &files.wasm)
    });
    view! { <script nonce=use_nonce() inner_html=script.as_str()></script> }
}

/// The path of the style sheet.
pub fn stylesheet(options: &LeptosOptions) -> &'static str {
    &Files::once(options).css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_names_both_files_and_keeps_no_placeholder() {
        let options = LeptosOptions::builder().output_name("panel").build();
        let files = Files::of(&options);
        assert_eq!([files.js, files.wasm, files.css], ["/pkg/panel.js", "/pkg/panel.wasm", "/pkg/panel.css"]);
        assert_eq!(LOADER.matches("JS_FILE").count(), 1);
        assert_eq!(LOADER.matches("WASM_FILE").count(), 1);
    }
}
