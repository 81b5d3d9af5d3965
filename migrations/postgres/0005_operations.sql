-- What keeps a panel running. The same tables as migrations/sqlite,
-- in PostgreSQL's spelling.

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
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < (SELECT swept_before FROM audit_retention) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit rows are kept until their retention is over';
END
$$;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
