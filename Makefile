# Everything that people run here; `make help` lists it.
#
# Each target installs what it lacks, and a failure ends with a line that says
# what to do. The build's tools go to a versioned cache outside the clone, so
# that a second clone finds them; nobody's ~/.cargo/bin is touched.

# The one place that pins the tools. (The compiler: rust-toolchain.toml. What comes
# from npm: build/package.json for the build, end2end/package.json for the browser tests.) `make lint` checks that
# wasm-bindgen is the one Cargo.toml pins: the two must be the same to the digit.
CARGO_LEPTOS_VERSION := 0.3.10
WASM_BINDGEN_VERSION := 0.2.130

TOOLS        := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kafkasder-panel/tools
CARGO_LEPTOS := $(TOOLS)/cargo-leptos-$(CARGO_LEPTOS_VERSION)/bin/cargo-leptos
WASM_BINDGEN := $(TOOLS)/wasm-bindgen-cli-$(WASM_BINDGEN_VERSION)/bin/wasm-bindgen
NPM_TOOLS    := build/node_modules/.installed

# Builds look their helpers up on PATH.
export PATH := $(dir $(CARGO_LEPTOS)):$(dir $(WASM_BINDGEN)):$(CURDIR)/build/node_modules/.bin:$(PATH)
# For all tests of the browser's side together, in seconds; the default is little
# for a machine that has other work too.
export WASM_BINDGEN_TEST_TIMEOUT := 300
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER := $(dir $(WASM_BINDGEN))wasm-bindgen-test-runner

# With LINT_BY_BUILDING=1 (as in .ci/run) clippy, which is the compiler with more lints, compiles
# what the tests run, so that all crates are compiled once for both. Without it `cargo clippy`
# checks without compiling: faster where only this crate has changed.
LINTED := $(if $(LINT_BY_BUILDING),RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/build/clippy.sh)
WASM_TEST := --target wasm32-unknown-unknown --lib --no-default-features --features hydrate

RUST   := $(shell sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
SERVER := target/release/kafkasder-panel

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help serve build tested dev test test-server test-wasm test-browser lint pins pictures bench tools rust node crates FORCE

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

# ---- Run ----------------------------------------------------------------

serve: build ## Build the release if it is not there, and start it on http://127.0.0.1:3000
	@exec $(SERVER) serve

dev: rust crates $(CARGO_LEPTOS) $(WASM_BINDGEN) ## Build, serve and reload at every change (`cargo leptos watch`)
	@exec $(CARGO_LEPTOS) leptos watch

# ---- Build --------------------------------------------------------------

# The build starts over with wasm-opt and compression each time, which takes a
# minute; so it runs only when a source is newer than the last build, or is gone, or
# a debug build has emptied target/site since (only a release build leaves compressed
# files there). The stamp is as old as the build's beginning:
# what is edited meanwhile is built the next time.
BUILT   := target/release/.built
SOURCES := $(shell find src locales migrations public style -type f ! -name '.*') \
           build.rs Cargo.toml Cargo.lock .cargo/config.toml rust-toolchain.toml \
           build/release.mjs build/package-lock.json
GONE    := $(filter-out $(SOURCES),$(file <$(BUILT)))

build: $(BUILT) ## The release: target/release/kafkasder-panel with hash.txt beside it, and target/site

$(BUILT): $(SOURCES) $(if $(GONE),FORCE) $(if $(wildcard target/site/pkg/*.wasm.br),,FORCE) | tools crates
	@mkdir -p $(@D)
	echo $(SOURCES) >$@.begun
	node build/release.mjs
	mv $@.begun $@

# What browsers load of the release, and a server that is not optimised.
tested: tools crates
	@$(LINTED) cargo test --features ssr --test server --no-run
	node build/release.mjs target/debug/kafkasder-panel

# ---- Check --------------------------------------------------------------

test: test-server test-wasm test-browser ## All tests

test-server: rust crates ## The server's tests, on SQLite and on PostgreSQL
	@echo '== Server tests on SQLite and PostgreSQL'
	@# Twice as many tests at once as there are processors, because a test waits now and then.
	export RUST_TEST_THREADS=$$((2 * $$(nproc)))
	$(LINTED) tests/with-postgres.sh cargo test --features ssr

test-wasm: rust crates $(WASM_BINDGEN) ## The client's tests, in a browser
	@echo '== Client tests in a browser'
	$(LINTED) tests/with-browser.sh --driver cargo test $(WASM_TEST)

# With SERVER_AS_TESTED=1 (as in .ci/run) the tests start the server that the server tests compiled, because
# optimising all its crates takes longer than the tests. What browsers load is the release all the same.
test-browser: $(if $(SERVER_AS_TESTED),tested,build) end2end/node_modules/.installed ## The release in a browser, with and without JavaScript
	@echo '== Browser tests of $(if $(SERVER_AS_TESTED),the server that the server tests compiled,the release)'
	cd end2end
	$(if $(SERVER_AS_TESTED),PANEL_PROGRAM=$(CURDIR)/target/tested/kafkasder-panel) ../tests/with-postgres.sh ../tests/with-browser.sh npx --no-install playwright test

end2end/node_modules/.installed: end2end/package.json end2end/package-lock.json | node
	@cd end2end
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund || {
	  echo 'npm could not install what the browser tests need: check the network and run this again.' >&2
	  exit 1
	}
	touch node_modules/.installed

lint: rust crates pins end2end/node_modules/.installed ## Format, clippy and types of all that is written here, and that what is written twice agrees
	@if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
	  rustup component add rustfmt clippy || {
	    echo 'rustfmt or clippy is missing: run `rustup component add rustfmt clippy` with network.' >&2
	    exit 1
	  }
	fi
	cargo fmt --check || { echo 'Some files are not formatted: run `cargo fmt`.' >&2; exit 1; }
	if [ -n "$(LINTED)" ]; then
	  $(LINTED) cargo test --features ssr --no-run
	  $(LINTED) cargo test $(WASM_TEST) --no-run
	else
	  cargo clippy --features ssr --all-targets -- -D warnings
	  cargo clippy $(WASM_TEST) --profile test -- -D warnings
	fi
	for script in .ci/run build/*.sh tests/*.sh; do bash -n "$$script"; done
	npm --prefix end2end run --silent check

# What has to be written twice is compared here.
pins:
	@disagree() { echo "$$1" >&2; exit 1; }
	setting() { sed -n "/^\[package.metadata.leptos\]/,/^\[/s/^$$2 = \([^#]*[^# ]\).*/\1/p" "$$1"; }
	in_manifest=$$(sed -n 's/^wasm-bindgen = "=\(.*\)"$$/\1/p' Cargo.toml)
	[ "$$in_manifest" = $(WASM_BINDGEN_VERSION) ] ||
	  disagree "Cargo.toml pins wasm-bindgen $$in_manifest, the Makefile $(WASM_BINDGEN_VERSION): set both to one version."
	grep -A1 '^name = "wasm-bindgen"$$' Cargo.lock | grep -qx 'version = "$(WASM_BINDGEN_VERSION)"' ||
	  disagree 'Cargo.lock has another wasm-bindgen than the Makefile: run `cargo update -p wasm-bindgen --precise $(WASM_BINDGEN_VERSION)`.'
	rust_version=$$(sed -n 's/^rust-version = "\(.*\)"$$/\1/p' Cargo.toml)
	case $(RUST). in
	  "$$rust_version".*) ;;
	  *) disagree "Cargo.toml says rust-version $$rust_version, rust-toolchain.toml $(RUST): let them agree." ;;
	esac
	for key in output-name site-root site-pkg-dir site-addr; do
	  [ -n "$$(setting Leptos.toml $$key)" ] && [ "$$(setting Leptos.toml $$key)" = "$$(setting Cargo.toml $$key)" ] ||
	    disagree "Leptos.toml and Cargo.toml differ in $$key of [package.metadata.leptos]: make them the same."
	done

pictures: build end2end/node_modules/.installed ## Make the README's two pictures again
	@cd end2end
	../tests/with-browser.sh npx --no-install playwright test --config pictures.config.ts

bench: build bench/node_modules/.installed ## How fast and how small, as ratios within this run; and Lighthouse
	@tests/with-postgres.sh --on-disk cargo run --release --features ssr --example bench
	tests/with-browser.sh --driver node bench/pages.mjs

bench/node_modules/.installed: bench/package.json bench/package-lock.json | node
	@cd bench
	npm ci --ignore-scripts --no-audit --no-fund || {
	  echo 'npm could not install Lighthouse: check the network and run this again.' >&2
	  exit 1
	}
	touch node_modules/.installed

# ---- What the above needs -----------------------------------------------

tools: rust $(WASM_BINDGEN) $(NPM_TOOLS) ## Install the pinned tools of the build

rust:
	@stop() { echo "$$1" >&2; exit 1; }
	command -v cargo >/dev/null || stop 'Rust is missing: install rustup from https://rustup.rs, open a new shell and run this again.'
	command -v cc >/dev/null || stop 'A C compiler is missing: run `apt-get install gcc libc6-dev` as root.'
	version() { rustc --version 2>/dev/null | cut -d ' ' -f 2; }
	if [ "$$(version || true)" != $(RUST) ] && command -v rustup >/dev/null && [ -z "$${RUSTUP_TOOLCHAIN:-}" ]; then
	  rustup toolchain install $(RUST) --profile minimal -c rustfmt -c clippy -t wasm32-unknown-unknown --no-self-update ||
	    stop 'Rust $(RUST) could not be installed: run `rustup toolchain install $(RUST)` with network.'
	fi
	have=$$(version || true)
	if [ "$$have" != $(RUST) ]; then
	  if [ -n "$${RUSTUP_TOOLCHAIN:-}" ]; then
	    stop "This needs Rust $(RUST), and RUSTUP_TOOLCHAIN=$$RUSTUP_TOOLCHAIN chooses $${have:-none}: run \`unset RUSTUP_TOOLCHAIN\`."
	  fi
	  stop "This needs Rust $(RUST), and $$(command -v rustc || echo rustc) is $${have:-missing}: install rustup from https://rustup.rs and put ~/.cargo/bin first on PATH."
	fi
	if [ ! -d "$$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
	  rustup target add wasm32-unknown-unknown --toolchain $(RUST) ||
	    stop 'Rust cannot build for the browser yet: run `rustup target add wasm32-unknown-unknown --toolchain $(RUST)` with network.'
	fi

node:
	@stop() { echo "$$1" >&2; exit 1; }
	command -v node >/dev/null && command -v npm >/dev/null || stop 'node or npm is missing: install Node 20 or newer (https://nodejs.org) and run this again.'
	[ "$$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || stop "Node $$(node --version) is too old: install Node 20 or newer (https://nodejs.org)."

crates: | rust
	@cargo fetch --quiet $(if $(CI),--locked) || {
	  echo 'The crates could not be fetched: check the network, or what cargo says above, and run this again.' >&2
	  exit 1
	}

# cargo-leptos' own release profile (fat LTO, one codegen unit) would take twice as
# long to build, for a tool that waits for other tools; what it does itself is the
# compression. Its lock file fits this compiler; `no_downloads` keeps it from
# fetching helpers of its own. It would build OpenSSL too: three minutes more.
$(CARGO_LEPTOS): | rust
	@echo 'Installing cargo-leptos $(CARGO_LEPTOS_VERSION), once: six to nine minutes on two cores.'
	if pkg-config --exists openssl 2>/dev/null; then export OPENSSL_NO_VENDOR=1; fi
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_STRIP=true \
	cargo install cargo-leptos --version $(CARGO_LEPTOS_VERSION) --locked --features no_downloads \
	  --config profile.release.package.brotli.opt-level=3 --root $(TOOLS)/cargo-leptos-$(CARGO_LEPTOS_VERSION) || {
	  echo 'cargo-leptos could not be installed: check the network, or what cargo says above, and run this again.' >&2
	  exit 1
	}

# Without --locked: its lock file names a version that is not to be had any more.
# Without TLS, which it has for downloading drivers of browsers. Barely optimised, it
# takes a few seconds longer for our program and a minute less to build.
$(WASM_BINDGEN): | rust
	@echo 'Installing wasm-bindgen-cli $(WASM_BINDGEN_VERSION), once: two minutes on two cores.'
	CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	cargo install wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION) --no-default-features --root $(TOOLS)/wasm-bindgen-cli-$(WASM_BINDGEN_VERSION) || {
	  echo 'wasm-bindgen-cli could not be installed: check the network, or what cargo says above, and run this again.' >&2
	  exit 1
	}

# From npm: Debian's binaryen is too old for what today's compilers write, and esbuild
# and lightningcss come ready-made.
$(NPM_TOOLS): build/package.json build/package-lock.json | node
	@cd build
	npm ci --ignore-scripts --no-audit --no-fund || {
	  echo 'npm could not install the tools of the build: check the network and run this again.' >&2
	  exit 1
	}
	touch node_modules/.installed
