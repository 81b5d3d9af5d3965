-- The administrator's desk. The same tables as migrations/sqlite.

-- What the pages of one session show once, such as the result of an act or a one-time
-- link, because neither fits into an address. Deleted after ten minutes.
CREATE TABLE kept (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL,               -- the handle: nobody else may read it
    content TEXT NOT NULL,               -- JSON
    created_at BIGINT NOT NULL
);
CREATE INDEX kept_by_time ON kept (created_at);

-- The newest activity of a user, at most an hour behind. Lists sort and filter by it.
ALTER TABLE users ADD COLUMN last_active_at BIGINT;
UPDATE users SET last_active_at = COALESCE((SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = users.id), last_login);
CREATE INDEX users_by_activity ON users (last_active_at, id);
CREATE INDEX users_by_creation ON users (created_at, id);

-- What people are searched by: folded to ASCII by the program, which writes it with the user.
CREATE TABLE user_search (
    name_key TEXT COLLATE "C" NOT NULL,  -- the folded name, to sort by
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    hay TEXT NOT NULL,                   -- folded name, email, phone and labels, and the id
    folded BIGINT NOT NULL,              -- the version of the folding
    PRIMARY KEY (name_key, user_id)
);

-- People who were deleted: rows of the audit keep the name that they had.
CREATE TABLE former_users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    deleted_at BIGINT NOT NULL
);

-- The administrators' list is sorted by start, which never changes.
CREATE INDEX sessions_by_start ON sessions (started_at, handle);
CREATE INDEX sessions_of_address ON sessions (address, started_at);

CREATE INDEX audit_of_actor ON audit (actor, at);
CREATE INDEX audit_of_action ON audit (action, at);
CREATE INDEX audit_of_address ON audit (address, at);

