#!/usr/bin/env bash
# tests/apt-install.sh PACKAGE…: installs Debian packages for the tests, as root or with a
# sudo that needs no password. Otherwise prints the command to run.
set -euo pipefail

install="apt-get install -y --no-install-recommends $*"

if ! command -v apt-get >/dev/null; then
    echo "These Debian packages, or what your system calls them, are needed: $*. Install them and run this again." >&2
    exit 1
elif [ "$(id -u)" = 0 ]; then
    as_root=(env)
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n env)
else
    echo "The tests need packages that only root can install. Run this, then try again: sudo apt-get update && sudo $install" >&2
    exit 1
fi

# Standard output belongs to the calling script.
{
    "${as_root[@]}" apt-get update &&
        "${as_root[@]}" DEBIAN_FRONTEND=noninteractive $install
} >&2 || {
    echo "The packages could not be installed: check the network, then run as root: apt-get update && $install" >&2
    exit 1
}
