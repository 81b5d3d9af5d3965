-- Attempts: one row each, counted in a sliding window, by one algorithm for
-- people, addresses and whatever else is bounded. The same tables as
-- migrations/sqlite, in PostgreSQL's spelling.

-- What attempts are counted in: `user:<id>`, `email:<address nobody has>`,
-- `device:<user id>:<device id>`, `address:<IPv4, or IPv6 /64>` and so on. The row
-- is what parallel attempts queue for, and it holds the lock. Without a foreign
-- key from the attempts: a sweep that takes a bucket away at the wrong moment
-- then forgets no attempt.
CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    locked_until BIGINT                  -- attempts before a lock that is over count no more
);

CREATE TABLE attempts (
    bucket TEXT NOT NULL,
    id TEXT NOT NULL,                    -- the same in every bucket the attempt counts in
    at BIGINT NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX attempts_of_bucket ON attempts (bucket, at);

-- What is counted and locked today stays so, also through an upgrade.
INSERT INTO buckets (name, locked_until)
SELECT CASE WHEN u.id IS NOT NULL THEN 'user:' || u.id WHEN l.bucket LIKE 'device:%' THEN l.bucket
    ELSE 'email:' || l.bucket END, l.locked_until
FROM lockouts l LEFT JOIN users u ON u.email = l.bucket;
INSERT INTO attempts (bucket, id, at)
SELECT CASE WHEN u.id IS NOT NULL THEN 'user:' || u.id WHEN l.bucket LIKE 'device:%' THEN l.bucket
    ELSE 'email:' || l.bucket END, l.bucket || ' ' || n.i, CAST(substr(l.recent, n.i * 14 + 1, 13) AS BIGINT)
FROM lockouts l LEFT JOIN users u ON u.email = l.bucket
JOIN (SELECT 0 AS i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5
      UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) n ON length(l.recent) >= n.i * 14 + 13;
INSERT INTO buckets (name, locked_until) SELECT 'address:' || bucket, NULL FROM address_limits;
WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < 10000)
INSERT INTO attempts (bucket, id, at)
SELECT 'address:' || a.bucket, a.bucket || ' ' || c.i, a.window_started_at
FROM address_limits a JOIN counted c ON c.i <= a.failures;
DROP TABLE lockouts;
DROP TABLE address_limits;
