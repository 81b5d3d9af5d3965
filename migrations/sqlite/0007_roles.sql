-- Roles, new passwords that administrators require, and jobs. The same tables as
-- migrations/postgres, in SQLite's spelling.

-- Named sets of permissions: the shipped ones and an association's own.
CREATE TABLE roles (
    name TEXT PRIMARY KEY,
    label TEXT,                          -- NULL: a shipped role, named in the reader's language
    permissions TEXT NOT NULL,           -- JSON
    shipped BOOLEAN NOT NULL,
    version BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO roles (name, permissions, shipped, version) VALUES
    ('staff', '["messages:access"]', TRUE, 1),
    ('viewer', '["reports:access"]', TRUE, 1),
    ('member', '["beneficiaries:access","donations:access","aid_applications:access","scholarships:access","messages:access"]', TRUE, 1),
    ('manager', '["beneficiaries:access","donations:access","aid_applications:access","scholarships:access","messages:access","finance:access","reports:access","settings:access","workflow:access","partners:access"]', TRUE, 1),
    ('admin', '["users:manage","sessions:manage","settings:manage","audit:view","beneficiaries:access","donations:access","aid_applications:access","scholarships:access","messages:access","finance:access","reports:access","settings:access","workflow:access","partners:access"]', TRUE, 1);
CREATE INDEX users_by_role ON users (role, id);

-- A session's id is replaced when its rights change, now also when those of the role do.
UPDATE sessions SET rights = rights || ' ' || COALESCE((
    SELECT r.permissions FROM users u JOIN roles r ON r.name = u.role WHERE u.id = sessions.user_id), '[]')
WHERE ended_at IS NULL;

-- Acts on more people or sessions than one request should wait for.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL,               -- the handle: nobody else may read it
    what TEXT NOT NULL,                  -- users or sessions
    state TEXT NOT NULL,                 -- running, done or interrupted
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    refused TEXT NOT NULL,               -- JSON: ids, names and codes
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL           -- a running job that is silent was interrupted
);
CREATE INDEX jobs_of_session ON jobs (session, created_at);

-- Whether nothing but a new password is possible for a user.
ALTER TABLE users ADD COLUMN password_required BOOLEAN NOT NULL DEFAULT FALSE;

-- Every column of a user that the session check reads, so that it reads one tree and not two.
DROP INDEX users_of_check;
CREATE INDEX users_of_check ON users (id, is_active, role, permissions, password_required, language, theme);

-- What lists of administrators look for: few among many.
CREATE INDEX users_invited ON users (created_at, id) WHERE is_active AND password_hash IS NULL;
CREATE INDEX users_disabled ON users (id) WHERE NOT is_active;
CREATE INDEX sessions_live ON sessions (started_at, handle) WHERE ended_at IS NULL;
DROP INDEX sessions_of_address;
CREATE INDEX sessions_of_address ON sessions (address, started_at, handle);
CREATE INDEX audit_of_result ON audit (action, result, at);
CREATE INDEX buckets_by_lock ON buckets (locked_until);

-- Rows of the search lie in the order of names: a search by name reads the table once, from its beginning.
CREATE TABLE user_search_by_name (
    name_key TEXT NOT NULL,              -- the folded name, to sort by
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    hay TEXT NOT NULL,                   -- folded name, email, phone and labels, and the id
    folded BIGINT NOT NULL,              -- the version of the folding
    PRIMARY KEY (name_key, user_id)
) WITHOUT ROWID;
INSERT INTO user_search_by_name SELECT name_key, user_id, hay, folded FROM user_search;
DROP TABLE user_search;
ALTER TABLE user_search_by_name RENAME TO user_search;
