//! Imports point one way and without cycles, and no file is too long.
//!
//! `HOUSE=/another/clone cargo test --features ssr --test server structure` checks another
//! clone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The top-level modules from the bottom up.
const LAYERS: [&str; 5] = ["model", "server", "api", "ui", "app"];

/// The modules of the server from the bottom up. A file may import modules that come before
/// its own, and files of its own module.
const SERVER: [&str; 38] = [
    "ascii",
    "clock",
    "error",
    "throttle",
    "keys",
    "files",
    "turns",
    "config",
    "log",
    "work",
    "access",
    "query",
    "cookie",
    "csrf_token",
    "device",
    "listing",
    "passwords",
    "picture",
    "db",
    "live",
    "audit",
    "state",
    "preferences",
    "request",
    "flash",
    "device_cookie",
    "lockout",
    "users",
    "sessions",
    "context",
    "kept",
    "links",
    "account",
    "administration",
    "sweep",
    "pages",
    "http",
    "serve",
];

/// The maximum number of lines of a source file.
const LONGEST: usize = 300;

/// The source of each module, by its path below the crate.
type Modules = BTreeMap<Vec<String>, String>;

fn house() -> PathBuf {
    std::env::var_os("HOUSE").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry {
            folder if folder.is_dir() => sources(&folder, found),
            file if file.extension().is_some_and(|kind| kind == "rs") => found.push(file),
            _ => {}
        }
    }
}

fn modules() -> Modules {
    let src = house().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let module = |file: &PathBuf| {
        let path = file.strip_prefix(&src).expect("below src").with_extension("");
        let mut parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.last().is_some_and(|last| last == "mod") {
            parts.pop();
        }
        parts
    };
    files.iter().map(|file| (module(file), std::fs::read_to_string(file).expect("text"))).collect()
}

/// Returns the paths that a module imports or names, from the crate's root.
fn imports(module: &[String], source: &str) -> Vec<Vec<String>> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    // Imports of a file's unit tests don't count.
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            let tree: String =
                code[at..].chars().take_while(|c| c.is_alphanumeric() || " \n_:,{}*".contains(*c)).collect();
            let plain = !code[..at].trim_end().ends_with("use") && !code[..at].ends_with("use ");
            expand(
                if plain { tree.split([' ', ',', '{', '}', '\n']).next().unwrap_or_default() } else { &tree },
                &mut Vec::new(),
                &mut found,
            );
        }
    }
    found.into_iter().filter_map(|path| absolute(module, path)).collect()
}

/// Collects the paths of a `use` tree.
fn expand(tree: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        None => {
            let path = tree.split(" as ").next().unwrap_or_default().trim();
            let parts = path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
            found.push(before.iter().cloned().chain(parts).collect());
        }
        Some((head, rest)) => {
            let depth = before.len();
            before.extend(head.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
            let (mut level, mut start) = (0_usize, 0);
            for (at, c) in rest.char_indices() {
                match c {
                    '{' => level += 1,
                    '}' if level == 0 => {
                        expand(&rest[start..at], before, found);
                        break;
                    }
                    '}' => level -= 1,
                    ',' if level == 0 => {
                        expand(&rest[start..at], before, found);
                        start = at + 1;
                    }
                    _ => {}
                }
            }
            before.truncate(depth);
        }
    }
}

fn absolute(module: &[String], path: Vec<String>) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        _ => module.to_vec(),
    };
    for part in path {
        match part.as_str() {
            "crate" | "self" | "*" => {}
            "super" => drop(base.pop()),
            _ => base.push(part),
        }
    }
    Some(base)
}

/// Returns the files that each file imports.
fn imported_files(modules: &Modules) -> BTreeMap<&Vec<String>, BTreeSet<&Vec<String>>> {
    let file_of = |path: &[String]| {
        (1..=path.len()).rev().find_map(|length| modules.get_key_value(&path[..length]).map(|(module, _)| module))
    };
    let mut imported_files = BTreeMap::new();
    for (module, source) in modules {
        let to: BTreeSet<_> = imports(module, source).iter().filter_map(|path| file_of(path)).collect();
        imported_files.insert(module, to.into_iter().filter(|file| *file != module).collect());
    }
    imported_files
}

fn room(module: &[String], rooms: &[&str], depth: usize) -> Option<usize> {
    let name = module.get(depth)?;
    rooms.iter().position(|room| room == name)
}

#[test]
fn imports_point_one_way() {
    let modules = modules();
    let mut against = Vec::new();
    for (from, to) in imported_files(&modules) {
        for to in to {
            let up = match (room(from, &LAYERS, 0), room(to, &LAYERS, 0)) {
                (Some(from), Some(to)) => to > from,
                _ => false,
            };
            let up_in_server = match (room(from, &SERVER, 1), room(to, &SERVER, 1)) {
                (Some(lower), Some(upper)) => from[0] == "server" && to[0] == "server" && upper > lower,
                _ => false,
            };
            if up || up_in_server {
                against.push(format!("{} → {}", from.join("::"), to.join("::")));
            }
        }
    }
    assert!(against.is_empty(), "{} imports against the direction:\n{}", against.len(), against.join("\n"));
    let unknown: Vec<_> = modules
        .keys()
        .filter(|module| {
            module.len() > 1 && module[0] == "server" && module[1] != "cli" && room(module, &SERVER, 1).is_none()
        })
        .collect();
    assert!(unknown.is_empty(), "modules without a place in the order: {unknown:?}");
}

#[test]
fn there_are_no_import_cycles() {
    let modules = modules();
    let imported_files = imported_files(&modules);
    // A submodule and its parent module may import each other.
    let next = |module: &Vec<String>| -> Vec<&Vec<String>> {
        let not_its_parent = |to: &&&Vec<String>| module[..module.len() - 1] != to[..];
        imported_files[module].iter().filter(not_its_parent).copied().collect()
    };
    let reaches = |from: &Vec<String>, wanted: &Vec<String>| {
        let (mut seen, mut open) = (BTreeSet::new(), next(from));
        while let Some(module) = open.pop() {
            if module == wanted {
                return true;
            }
            if seen.insert(module) {
                open.extend(next(module));
            }
        }
        false
    };
    let cycles: Vec<String> = modules
        .keys()
        .filter(|module| !module.is_empty() && reaches(module, module))
        .map(|module| module.join("::"))
        .collect();
    assert!(cycles.is_empty(), "{} files import themselves in cycles:\n{}", cycles.len(), cycles.join("\n"));
}

#[test]
fn no_file_is_longer_than_three_hundred_lines() {
    let house = house();
    let mut files = Vec::new();
    for folder in ["src", "bench"] {
        sources(&house.join(folder), &mut files);
    }
    let lines = |file: &PathBuf| std::fs::read_to_string(file).expect("text").lines().count();
    let long: Vec<_> = files.iter().map(|file| (lines(file), file)).filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_link_between_documents_names_a_file() {
    let house = house();
    let documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "bench/README.md"];
    let in_docs = ["docs/ARCHITECTURE.md", "docs/CONTRACT.md", "docs/OPERATIONS.md"];
    let mut broken = Vec::new();
    for document in documents.iter().chain(&in_docs) {
        let text = std::fs::read_to_string(house.join(document)).expect("the document is there");
        let folder = Path::new(document).parent().expect("a folder");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let local = targets.filter(|target| !target.is_empty() && !target.contains(':'));
        broken.extend(
            local
                .filter(|target| !house.join(folder).join(target).exists())
                .map(|target| format!("{document}: {target}")),
        );
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
