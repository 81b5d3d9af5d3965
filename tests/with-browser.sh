#!/usr/bin/env bash
# tests/with-browser.sh [--driver] COMMAND…: runs COMMAND with
#
#   CHROMIUM       a Chrome or Chromium: the one in CHROMIUM=, else the first on PATH.
#                  Chromium's headless shell is preferred, because Playwright's tests
#                  take half the time without a window to draw.
#
# and, with --driver, what `wasm-bindgen-test-runner` needs:
#
#   CHROMEDRIVER                        a driver of that browser's version
#   WASM_BINDGEN_TEST_WEBDRIVER_JSON    a configuration that names the browser
#
# Without a browser or a driver that fits it, Debian's packages of both are installed.
set -euo pipefail
here=$(dirname "$(realpath "$0")")

fail() {
    echo "$1" >&2
    exit 1
}

# With --driver, looks for a whole browser, because Debian's driver is made for one.
find_browser() {
    local name names=(chromium chromium-browser google-chrome google-chrome-stable chrome)
    [ -n "$want_driver" ] || names=(chromium-headless-shell "${names[@]}")
    for name in "${names[@]}"; do
        command -v "$name" && return
    done
    return 1
}

major() { "$1" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1; }

# A driver works only with a browser of the same major version.
find_driver() {
    local candidate
    for candidate in "${CHROMEDRIVER:-}" "$(dirname "$(realpath "$1")")/chromedriver" "$(command -v chromedriver)"; do
        if [ -x "$candidate" ] && [ "$(major "$candidate")" = "$(major "$1")" ]; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Reads all input: `grep -q` would exit early, which `pipefail` treats as a failure.
has_package() { apt-cache show "$1" 2>/dev/null | grep '^Package' >/dev/null; }

install_pair() {
    # Ubuntu's packages have other names.
    if has_package chromium-browser && ! has_package chromium; then
        "$here/apt-install.sh" chromium-browser chromium-chromedriver
    else
        "$here/apt-install.sh" chromium chromium-driver
    fi
    # Optional: the package does not exist everywhere, and without it the tests only take longer.
    if has_package chromium-headless-shell; then
        "$here/apt-install.sh" chromium-headless-shell || true
    fi
}

want_driver=
if [ "$1" = --driver ]; then
    want_driver=yes
    shift
fi

if [ -n "${CHROMIUM:-}" ]; then
    browser=$(command -v "$CHROMIUM") ||
        fail "CHROMIUM=$CHROMIUM cannot be run: set it to a Chrome or Chromium, or unset it."
elif ! browser=$(find_browser); then
    install_pair
    browser=$(find_browser) || fail 'Chromium is installed but not on PATH: set CHROMIUM= to it.'
fi
export CHROMIUM=$browser

if [ -n "$want_driver" ]; then
    if ! driver=$(find_driver "$browser"); then
        echo "No chromedriver of the version of $browser is beside it or on PATH: taking the system's pair." >&2
        if ! browser=$(command -v chromium || command -v chromium-browser) || ! driver=$(find_driver "$browser"); then
            install_pair
            browser=$(command -v chromium || command -v chromium-browser) && driver=$(find_driver "$browser") ||
                fail 'There is still no pair of one version: set CHROMIUM= and CHROMEDRIVER= to one.'
        fi
    fi
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cat >"$scratch/webdriver.json" <<JSON
{ "goog:chromeOptions": { "binary": "$browser", "args": [
    "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync"
] } }
JSON
    export CHROMEDRIVER=$driver WASM_BINDGEN_TEST_WEBDRIVER_JSON=$scratch/webdriver.json
fi

"$@"
