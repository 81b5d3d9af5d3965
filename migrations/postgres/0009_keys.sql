-- Sessions are found by a number, which on SQLite is the row's place. The same tables as migrations/sqlite, in
-- PostgreSQL's spelling.

-- The first eight bytes of `id_hash` as a number, most significant first.
ALTER TABLE sessions ADD COLUMN id_key BIGINT;
UPDATE sessions SET id_key = ('x' || encode(substring(id_hash FOR 8), 'hex'))::bit(64)::bigint;

ALTER TABLE retired_ids DROP CONSTRAINT retired_ids_handle_fkey;
ALTER TABLE sessions DROP CONSTRAINT sessions_pkey;
ALTER TABLE sessions DROP CONSTRAINT sessions_id_hash_key;
ALTER TABLE sessions ADD PRIMARY KEY (id_key);
ALTER TABLE sessions ADD UNIQUE (handle);
ALTER TABLE retired_ids ADD FOREIGN KEY (handle) REFERENCES sessions (handle) ON DELETE CASCADE;

-- Administrators are few, and each server looks every second who they are.
CREATE INDEX users_administrators ON users (role, id) WHERE role = 'admin';
