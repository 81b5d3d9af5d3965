#!/usr/bin/env bash
# tests/with-postgres.sh [--on-disk] COMMAND…: runs COMMAND with TEST_DATABASE_URL set to a
# new PostgreSQL server on a free loopback port, which is removed afterwards. Any installed
# version works; without one, Debian's package is installed.
#
# The server's files and COMMAND's temporary ones are in memory if there is room for them,
# unless --on-disk is given: each test creates and deletes a database of hundreds of files,
# and on a disk that takes longer than the tests themselves.
set -euo pipefail
here=$(dirname "$(realpath "$0")")

# Debian keeps the server's programs outside PATH, in one folder per version.
find_postgres() {
    local bin
    for bin in "$(dirname "$(realpath -q "$(command -v initdb)")")" \
        $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
        if [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ]; then
            echo "$bin"
            return
        fi
    done
    return 1
}

# In KiB.
room=1000000
folder=/tmp
if [ "$1" = --on-disk ]; then
    shift
elif [ -w /dev/shm ] && [ "$(df --output=avail /dev/shm | tail -n 1)" -ge "$room" ]; then
    folder=/dev/shm
fi

if ! bin=$(find_postgres); then
    "$here/apt-install.sh" postgresql
    bin=$(find_postgres) || {
        echo "PostgreSQL is installed but initdb is not to be found: put its folder on PATH and run this again." >&2
        exit 1
    }
fi

# No deeper: the user `nobody` can't reach a home folder or a private TMPDIR, and the path of a
# Unix socket may have at most 107 bytes.
scratch=$(mktemp -d "$folder/kafkasder-panel-postgres.XXXXXX")
data=$scratch/data

# The server refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    user=nobody
    chown "$user" "$scratch"
    as_user=(runuser -u "$user" -- env "HOME=$scratch")
else
    as_user=(env)
fi

stop() {
    "${as_user[@]}" "$bin/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
    cat "$scratch"/*.log >&2 2>/dev/null || true
    echo "$1" >&2
    exit 1
}

cd "$scratch"
"${as_user[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-locale --no-sync \
    >"$scratch/initdb.log" 2>&1 || fail "PostgreSQL could not be set up in $scratch: see above; is $folder full or not writable?"

# A crash may lose this data; without fsync the tests are twice as fast.
settings="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$scratch -c max_connections=300"
settings+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
# The log takes little of the memory.
[ "$folder" = /tmp ] || settings+=" -c min_wal_size=32MB -c max_wal_size=128MB"

# Another program may take the port before PostgreSQL does, so this tries several ports.
started=
for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if "${as_user[@]}" "$bin/pg_ctl" -D "$data" -l "$scratch/server.log" -w -t 60 \
        -o "$settings -c port=$port" start >/dev/null 2>&1; then
        started=yes
        break
    fi
done
[ -n "$started" ] || fail "PostgreSQL did not start: see its log above."

cd "$OLDPWD"
export TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres
if [ "$folder" != /tmp ]; then
    mkdir "$scratch/tmp"
    export TMPDIR=$scratch/tmp
fi
"$@"
