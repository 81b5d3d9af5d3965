-- People with labels: few among many, whom a filter by label reads.
CREATE INDEX users_labelled ON users (id) WHERE labels <> '[]';
