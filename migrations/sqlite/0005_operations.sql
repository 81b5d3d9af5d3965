-- What keeps a panel running. The same tables as migrations/postgres,
-- in SQLite's spelling.

-- How much a session has changed in its window: a limit nobody reaches by hand.
ALTER TABLE sessions ADD COLUMN mutations BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN mutations_since BIGINT NOT NULL DEFAULT 0;

-- How often the id was renewed without grace: streams of events that were opened
-- under an earlier one are closed. Found by the proof of the password it came with.
ALTER TABLE sessions ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_proof ON sessions (proved_at);

-- Written by readiness probes, to see that it can be.
CREATE TABLE write_probe (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    writes BIGINT NOT NULL
);
INSERT INTO write_probe (id, writes) VALUES (1, 0);

-- Records go when their retention is over, and not before: the sweep says here
-- what it is about to delete, in the same transaction.
CREATE TABLE audit_retention (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    swept_before BIGINT NOT NULL
);
INSERT INTO audit_retention (id, swept_before) VALUES (1, 0);
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
WHEN OLD.at >= (SELECT swept_before FROM audit_retention)
BEGIN
    SELECT RAISE(ABORT, 'audit rows are kept until their retention is over');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;
