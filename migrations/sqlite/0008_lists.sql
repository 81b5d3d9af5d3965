-- People with labels: few among many, whom a filter by label reads.
CREATE INDEX users_labelled ON users (id) WHERE labels <> '[]';

-- People of a role in the order of their activity.
CREATE INDEX users_of_role_by_activity ON users (role, COALESCE(last_active_at, 0), id);
