#!/usr/bin/env bash
# Stands in for rustc where cargo compiles this crate: clippy is the compiler with more lints, and here each
# warning is an error. See LINT_BY_BUILDING in the Makefile.
exec clippy-driver "$@" -Dwarnings
