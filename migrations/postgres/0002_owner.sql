-- The session belongs to its owner. The same tables as migrations/sqlite, in
-- PostgreSQL's spelling.

-- What a person chose; NULL leaves it to the browser.
ALTER TABLE users ADD COLUMN language TEXT;
ALTER TABLE users ADD COLUMN theme TEXT;
-- A `device` cookie of an older epoch is dead: a new password raises it.
ALTER TABLE users ADD COLUMN device_epoch BIGINT NOT NULL DEFAULT 0;

-- Pictures of people, decoded and encoded anew, under the hash of what they are.
CREATE TABLE pictures (
    name TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id),
    image BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- Rotation: the id changes, the session stays.
ALTER TABLE sessions ADD COLUMN previous_id_hash BYTEA;     -- what the current id was derived from
ALTER TABLE sessions ADD COLUMN id_used_at BIGINT;         -- when the current id was first used
ALTER TABLE sessions ADD COLUMN rights TEXT NOT NULL DEFAULT ''; -- role and permissions the id was issued for
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0; -- the last proof of the password
UPDATE sessions SET id_used_at = last_seen_at, proved_at = started_at,
    rights = (SELECT role || ' ' || permissions FROM users WHERE id = sessions.user_id);

-- Every id a session has had: using one later is how a stolen cookie shows.
CREATE TABLE retired_ids (
    id_hash BYTEA PRIMARY KEY,
    handle TEXT NOT NULL REFERENCES sessions (handle) ON DELETE CASCADE,
    harmless BOOLEAN NOT NULL            -- replaced without grace: its use is late, not theft
);
CREATE INDEX retired_ids_of_session ON retired_ids (handle);
