-- One address, one spelling: domains are kept in their ASCII form. The same
-- tables as migrations/postgres, in SQLite's spelling.

-- Whether an address is still spelt by the rules of before. SQL knows no IDNA:
-- the program spells it anew after this migration, and leaves marked what it
-- can't (another account has the other spelling, or today's rules refuse it).
ALTER TABLE users ADD COLUMN email_as_before BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET email_as_before = TRUE;
