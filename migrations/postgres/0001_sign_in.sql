-- Sign in, stay signed in, sign out. The same tables as migrations/sqlite,
-- in PostgreSQL's spelling. Ids are UUIDv7 as text, times Unix milliseconds.

-- The policy is one row; its keys live in one JSON text, because a key exists
-- as soon as something enforces it and an absent one has its default.
CREATE TABLE policy (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    rules TEXT NOT NULL
);
INSERT INTO policy (id, version, rules) VALUES (1, 1, '{}');

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,          -- normalised: one spelling per account
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    permissions TEXT NOT NULL,           -- JSON array: what is granted beyond the role
    is_active BOOLEAN NOT NULL,
    phone TEXT,
    labels TEXT NOT NULL,                -- JSON array
    avatar TEXT,
    password_hash TEXT,                  -- PHC string; NULL while only invited
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_login BIGINT,
    version BIGINT NOT NULL
);

-- A session is a row with a user, so it can be listed and ended. Of its secret
-- id only the SHA-256 is here: who reads the database can't sign in with it.
CREATE TABLE sessions (
    handle TEXT PRIMARY KEY,             -- the public name, sid_…
    id_hash BYTEA NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id),
    remembered BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,        -- activity, written at most once a minute
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ended_at BIGINT,                     -- set once, never cleared
    end_reason TEXT,
    ended_by TEXT                        -- the user who ended it, if somebody did
);
CREATE INDEX sessions_of_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_to_sweep ON sessions (ended_at, expires_at);

-- Failed sign-ins per identifier, whether an account has it or not. `recent`
-- holds the newest attempts as 13-digit times, newest first, so that one
-- statement can count a sliding window and lock.
CREATE TABLE lockouts (
    bucket TEXT PRIMARY KEY,
    recent TEXT NOT NULL,
    locked_until BIGINT
);

-- Failed sign-ins per client address.
CREATE TABLE address_limits (
    bucket TEXT PRIMARY KEY,
    window_started_at BIGINT NOT NULL,
    failures BIGINT NOT NULL
);

-- One-time links: the first set-up and activations, by the hash of their token.
CREATE TABLE links (
    token_hash BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    user_id TEXT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Append-only: who did what to whom, when, from where, with which result.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    result TEXT NOT NULL,
    actor TEXT,                          -- user id; NULL for strangers and the system
    target TEXT,                         -- user id, or the email nobody has
    session TEXT,                        -- handle
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL,
    details TEXT NOT NULL                -- JSON object
);
CREATE INDEX audit_of_target ON audit (target, action, at);
CREATE INDEX audit_by_time ON audit (at);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed';
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
