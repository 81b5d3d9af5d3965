-- Sessions lie in the order of their ids' hashes, so that the session check finds a row in one tree and not in
-- two. The same tables as migrations/postgres, in SQLite's spelling.

-- The rows of this table follow the sessions, and dropping `sessions` would delete them.
CREATE TABLE retired_ids_before AS SELECT id_hash, handle, harmless FROM retired_ids;
DROP TABLE retired_ids;

CREATE TABLE sessions_by_key (
    id_key INTEGER PRIMARY KEY,          -- the first eight bytes of `id_hash` as a number, most significant first
    id_hash BLOB NOT NULL,
    handle TEXT NOT NULL,                -- the public name, sid_…
    user_id TEXT NOT NULL REFERENCES users (id),
    remembered BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,        -- activity, written at most once a minute
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,                     -- set once, never cleared
    end_reason TEXT,
    ended_by TEXT,                       -- the user who ended it, if somebody did
    id_used_at BIGINT,                   -- when the current id was first used
    proved_at BIGINT NOT NULL DEFAULT 0, -- the last proof of the password
    renewals BIGINT NOT NULL DEFAULT 0,  -- how often the id was renewed without grace
    rights TEXT NOT NULL DEFAULT '',     -- role and permissions the id was issued for
    previous_id_hash BLOB,               -- what the current id was derived from
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    mutations BIGINT NOT NULL DEFAULT 0, -- how much it has changed in its window
    mutations_since BIGINT NOT NULL DEFAULT 0
);
INSERT INTO sessions_by_key
SELECT
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 1, 1)) - 1) << 60) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 2, 1)) - 1) << 56) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 3, 1)) - 1) << 52) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 4, 1)) - 1) << 48) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 5, 1)) - 1) << 44) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 6, 1)) - 1) << 40) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 7, 1)) - 1) << 36) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 8, 1)) - 1) << 32) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 9, 1)) - 1) << 28) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 10, 1)) - 1) << 24) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 11, 1)) - 1) << 20) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 12, 1)) - 1) << 16) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 13, 1)) - 1) << 12) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 14, 1)) - 1) << 8) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 15, 1)) - 1) << 4) |
        ((instr('0123456789ABCDEF', substr(hex(id_hash), 16, 1)) - 1) << 0),
    id_hash, handle, user_id, remembered, started_at, last_seen_at, expires_at, ended_at, end_reason, ended_by,
    id_used_at, proved_at, renewals, rights, previous_id_hash, address, user_agent, mutations, mutations_since
FROM sessions
-- Writes each page once.
ORDER BY 1;
DROP TABLE sessions;
ALTER TABLE sessions_by_key RENAME TO sessions;
CREATE UNIQUE INDEX sessions_by_handle ON sessions (handle);
CREATE INDEX sessions_of_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_to_sweep ON sessions (ended_at, expires_at);
CREATE INDEX sessions_by_proof ON sessions (proved_at);
CREATE INDEX sessions_by_start ON sessions (started_at, handle);
CREATE INDEX sessions_live ON sessions (started_at, handle) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_address ON sessions (address, started_at, handle);

CREATE TABLE retired_ids (
    id_hash BLOB PRIMARY KEY,
    handle TEXT NOT NULL REFERENCES sessions (handle) ON DELETE CASCADE,
    harmless BOOLEAN NOT NULL            -- replaced without grace: its use is late, not theft
);
INSERT INTO retired_ids SELECT id_hash, handle, harmless FROM retired_ids_before;
DROP TABLE retired_ids_before;
CREATE INDEX retired_ids_of_session ON retired_ids (handle);

-- Administrators are few, and each server looks every second who they are.
CREATE INDEX users_administrators ON users (role, id) WHERE role = 'admin';
