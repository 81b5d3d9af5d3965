//! Every query, once, for both databases (`$n` is known to both). A test
//! prepares each on SQLite and on PostgreSQL.

/// Declares the constants and the list a test walks.
macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub const $name: &str = $sql;)*

        /// Every query by name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// The columns of a session check, in the order of its row.
macro_rules! session_columns {
    () => {
        "s.handle, s.user_id AS id, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
               s.address, s.user_agent, s.id_used_at, s.proved_at, s.renewals, s.rights <> u.role || ' ' || u.permissions AS rights_changed,
               u.email, u.name, u.role, u.permissions, u.is_active, u.phone, u.labels, u.avatar,
               u.created_at, u.updated_at, u.last_login, u.language, u.theme, p.rules"
    };
}

/// Whose an address is: $1 as it was typed, a spelling of before; else $2, its one spelling.
macro_rules! user_of_email {
    () => {
        "(SELECT o.id FROM users o WHERE o.email IN ($1, $2) ORDER BY o.email = $1 DESC LIMIT 1)"
    };
}

/// The columns of a sign-in's lookup: the policy, and the user if there is one.
macro_rules! sign_in_columns {
    () => {
        "p.rules, u.id, u.email, u.name, u.role, u.permissions, u.is_active, u.phone, u.labels, u.avatar,
               u.created_at, u.updated_at, u.last_login, u.language, u.theme, u.password_hash, u.device_epoch"
    };
}

queries! {
    PING = "SELECT CAST(1 AS BIGINT)";
    /// The smallest write there is. SQLite does not write what stays the same.
    WRITE_PROBE = "UPDATE write_probe SET writes = writes + 1 WHERE id = 1";

    // Who is asking -----------------------------------------------------------

    /// The session check: row, user and policy in one.
    SESSION_CHECK = concat!("
        SELECT ", session_columns!(), "
        FROM sessions s JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE s.id_hash = $1");
    /// The same for an id that was replaced, with what its use means.
    SESSION_CHECK_RETIRED = concat!("
        SELECT ", session_columns!(), ", r.harmless, COALESCE(s.previous_id_hash = r.id_hash, FALSE) AS direct
        FROM retired_ids r JOIN sessions s ON s.handle = r.handle JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE r.id_hash = $1");
    SESSION_ID_USED = "UPDATE sessions SET id_used_at = $1 WHERE id_hash = $2 AND id_used_at IS NULL";
    /// Gives a session its next id; of parallel requests one gets the row.
    SESSION_ROTATE = "
        UPDATE sessions SET previous_id_hash = id_hash, id_hash = $1, id_used_at = NULL,
            rights = (SELECT u.role || ' ' || u.permissions FROM users u WHERE u.id = sessions.user_id)
        WHERE handle = $2 AND id_hash = $3 AND ended_at IS NULL";
    SESSION_PROVED = "UPDATE sessions SET proved_at = $1 WHERE handle = $2 AND ended_at IS NULL";
    /// Gives a session an id without grace.
    SESSION_RENEW = "
        UPDATE sessions SET previous_id_hash = id_hash, id_hash = $1, id_used_at = $2, renewals = renewals + 1
        WHERE handle = $3 AND ended_at IS NULL RETURNING previous_id_hash, renewals";
    ID_RETIRE = "INSERT INTO retired_ids (id_hash, handle, harmless) VALUES ($1, $2, $3)";
    /// What is in its grace when a fresh id comes will be late, not theft.
    ID_FORGIVE = "
        UPDATE retired_ids SET harmless = TRUE WHERE id_hash = (
            SELECT previous_id_hash FROM sessions WHERE handle = $1 AND (id_used_at IS NULL OR id_used_at > $2))";
    SESSION_TOUCH = "UPDATE sessions SET last_seen_at = $1 WHERE handle = $2 AND ended_at IS NULL AND last_seen_at <= $3";
    /// Takes back what a clock that was ahead has written; never later than it is.
    SESSION_BRING_BACK = "
        UPDATE sessions SET
            started_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) ELSE started_at END,
            last_seen_at = CASE WHEN last_seen_at > $2 THEN CAST($2 AS BIGINT) ELSE last_seen_at END,
            expires_at = CASE WHEN expires_at > $3 THEN CAST($3 AS BIGINT) ELSE expires_at END
        WHERE handle = $4 AND ended_at IS NULL";
    /// The same for every session that starts or was seen after $1.
    SESSIONS_BRING_BACK = "
        UPDATE sessions SET
            started_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) ELSE started_at END,
            last_seen_at = CASE WHEN last_seen_at > $1 THEN CAST($1 AS BIGINT) ELSE last_seen_at END,
            expires_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) + (expires_at - started_at) ELSE expires_at END
        WHERE ended_at IS NULL AND (started_at > $1 OR last_seen_at > $1)";
    /// Counts a mutation of a session, up to one past the limit of $4. A window that began before $3, or that
    /// begins after now, begins now. $1 is now, $2 the handle.
    SESSION_MUTATES = "
        UPDATE sessions SET
            mutations = CASE WHEN mutations_since <= $3 THEN 1 ELSE mutations + 1 END,
            mutations_since = CASE WHEN mutations_since <= $3 OR mutations_since > $1 THEN $1 ELSE mutations_since END
        WHERE handle = $2 AND (mutations_since <= $3 OR mutations_since > $1 OR mutations <= $4) RETURNING mutations";
    SESSION_MUTATES_SINCE = "SELECT mutations_since FROM sessions WHERE handle = $1";
    SESSION_INSERT = "
        INSERT INTO sessions (handle, id_hash, user_id, remembered, started_at, last_seen_at, id_used_at, proved_at,
                              expires_at, address, user_agent, rights)
        SELECT $1, $2, u.id, $4, $5, $5, $5, $5, $6, $7, $8, u.role || ' ' || u.permissions FROM users u WHERE u.id = $3
        ON CONFLICT (handle) DO NOTHING";
    /// What may be live of a user's sessions, least recently active first; the policy then decides.
    SESSIONS_OPEN_OF_USER = "
        SELECT handle, remembered, started_at, last_seen_at, expires_at, ended_at, end_reason, address, user_agent
        FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY last_seen_at, started_at, handle";
    SESSION_END = "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND ended_at IS NULL RETURNING handle, user_id";
    SESSION_END_BY_HASH = "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = user_id
        WHERE (id_hash = $3 OR handle = (SELECT r.handle FROM retired_ids r WHERE r.id_hash = $3 AND NOT r.harmless))
            AND ended_at IS NULL RETURNING handle, user_id";
    SESSIONS_END_OF_USER = "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $4 AND ended_at IS NULL RETURNING handle, user_id";
    /// Ends one of a user's own; another's is not found.
    SESSION_END_OWN = "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND user_id = $3 AND ended_at IS NULL RETURNING handle, user_id";
    SESSION_IS_OWN = "SELECT handle FROM sessions WHERE handle = $1 AND user_id = $2";
    /// Ends a user's sessions but the one that asks, and only while that one lives.
    SESSIONS_END_OTHERS = "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $3 AND handle <> $4 AND ended_at IS NULL
          AND EXISTS (SELECT 1 FROM sessions c WHERE c.handle = $4 AND c.ended_at IS NULL) RETURNING handle, user_id";
    /// A user's own: this one first, then the live ones by activity, then the ended ones by their end.
    /// $2 is this one's handle, $3 now, $4 the start a remembered one must be younger than, $5 the activity that
    /// must be younger, $6 whether that binds remembered ones, $7 whether ended ones are wanted, $8 to $10 where
    /// the stretch before ended, $11 how many.
    SESSIONS_OWN = "
        SELECT o.handle, o.user_agent, o.address, o.remembered, o.started_at, o.last_seen_at, o.expires_at, o.ended_at,
               o.end_reason, o.ended_by_name, o.place, o.at
        FROM (SELECT s.handle, s.user_agent, s.address, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at,
                     s.end_reason, e.name AS ended_by_name, COALESCE(s.ended_at, s.last_seen_at) AS at,
                     CAST(CASE WHEN s.ended_at IS NOT NULL THEN 2 WHEN s.handle = $2 THEN 0 ELSE 1 END AS BIGINT) AS place
              FROM sessions s LEFT JOIN users e ON e.id = s.ended_by
              WHERE s.user_id = $1 AND ((s.ended_at IS NOT NULL AND $7) OR (s.ended_at IS NULL AND s.expires_at > $3
                AND (NOT s.remembered OR s.started_at > $4) AND (s.last_seen_at > $5 OR (s.remembered AND NOT $6))))) o
        WHERE o.place > $8 OR (o.place = $8 AND (o.at < $9 OR (o.at = $9 AND o.handle > $10)))
        ORDER BY o.place, o.at DESC, o.handle LIMIT $11";
    /// Ends what is past a fixed end: $2 is now, $3 the start a remembered session must be younger than.
    SESSIONS_END_EXPIRED = "
        UPDATE sessions SET ended_at = $1, end_reason = 'expired'
        WHERE ended_at IS NULL AND (expires_at <= $2 OR (remembered AND started_at <= $3)) RETURNING handle, user_id";
    /// Ends what has been idle since before $2; remembered ones only if $3.
    SESSIONS_END_IDLE = "
        UPDATE sessions SET ended_at = $1, end_reason = 'idle'
        WHERE ended_at IS NULL AND last_seen_at <= $2 AND (NOT remembered OR $3) RETURNING handle, user_id";
    /// Whether a session still counts, by its public name: row, user and policy in one.
    SESSION_STANDING = "
        SELECT s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason, s.renewals, u.is_active, p.rules
        FROM sessions s JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE s.handle = $1";
    /// When an ended session ended, whether its user did it, and with which browser by the audit.
    SESSION_REVOCATION = "
        SELECT s.ended_at, COALESCE(s.ended_by = s.user_id, FALSE), COALESCE((
            SELECT a.user_agent FROM audit a
            WHERE a.target = s.user_id AND a.action = 'session_ended' AND a.session = s.handle
            ORDER BY a.at DESC LIMIT 1), '')
        FROM sessions s WHERE s.handle = $1 AND s.ended_at IS NOT NULL";
    SESSION_ORIGIN = "SELECT address, user_agent FROM sessions WHERE handle = $1";
    /// For whom a notice did not reach: what has ended since.
    SESSIONS_ENDED_SINCE = "SELECT handle, end_reason FROM sessions WHERE ended_at > $1";
    /// The same for new ids without grace, which come with a proof of the password.
    SESSIONS_RENEWED_SINCE = "SELECT handle, renewals FROM sessions WHERE proved_at > $1 AND renewals > 0";
    /// For the command line: everybody's, or those of the email $1, $2; the ended ones too if $3.
    SESSIONS_OF = concat!("
        SELECT s.handle, u.email, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
               s.address, s.user_agent, b.email AS ended_by, u.is_active
        FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN users b ON b.id = s.ended_by
        WHERE ($1 = '' OR u.id = ", user_of_email!(), ") AND ($3 OR s.ended_at IS NULL) ORDER BY u.email, s.started_at");
    /// What a clock that was ahead has ended was over by now, and is kept from now on.
    SESSIONS_ENDED_AHEAD = "UPDATE sessions SET ended_at = $1 WHERE ended_at > $1";
    SESSIONS_SWEEP = "DELETE FROM sessions WHERE ended_at < $1";

    // Users -------------------------------------------------------------------

    /// What a sign-in needs, in one: the policy, and the user if there is one.
    SIGN_IN_LOOKUP = concat!("
        SELECT ", sign_in_columns!(), "
        FROM policy p LEFT JOIN users u ON u.id = ", user_of_email!(), " WHERE p.id = 1");
    /// The same for somebody whose password was proven a moment ago.
    SIGN_IN_LOOKUP_BY_ID = concat!("
        SELECT ", sign_in_columns!(), "
        FROM policy p LEFT JOIN users u ON u.id = $1 WHERE p.id = 1");
    USER_BY_EMAIL = concat!("
        SELECT id, email, name, role, permissions, is_active, phone, labels, avatar, created_at, updated_at, last_login
        FROM users WHERE id = ", user_of_email!());
    USER_BY_ID = "
        SELECT id, email, name, role, permissions, is_active, phone, labels, avatar, created_at, updated_at, last_login
        FROM users WHERE id = $1";
    USERS_LIST = "
        SELECT u.id, u.email, u.name, u.role, u.is_active, u.password_hash IS NULL AS invited, l.locked_until, u.last_login
        FROM users u LEFT JOIN buckets l ON l.name = 'user:' || u.id ORDER BY u.email";
    /// $8 and $9 are other spellings of the email $2: somebody may have one still.
    USER_INSERT = "
        INSERT INTO users (id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version)
        SELECT $1, $2, $3, $4, '[]', $5, '[]', $6, $7, $7, 1 WHERE NOT EXISTS (SELECT 1 FROM users WHERE email IN ($8, $9))
        ON CONFLICT (email) DO NOTHING";
    EMAILS_AS_BEFORE = "SELECT id, email FROM users WHERE email_as_before ORDER BY id";
    EMAIL_OF_ANOTHER = "SELECT id FROM users WHERE email = $1 AND id <> $2";
    /// The one spelling of an email $3 that is spelt as before, unless another has it.
    EMAIL_SPELL_ANEW = "
        UPDATE users SET email = $1, email_as_before = FALSE
        WHERE id = $2 AND email = $3 AND email_as_before
          AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $1 AND o.id <> $2)";
    /// Holds only while the proof does: the user active, the password the one
    /// that was verified. Locks the row, so that nobody is disabled in between.
    USER_SIGNED_IN = "UPDATE users SET last_login = $1, password_hash = $2 WHERE id = $3 AND is_active AND password_hash = $4";
    /// Only a first password: changing one is another road.
    USER_ACTIVATE = "UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND is_active AND password_hash IS NULL";
    /// Holds only while the old password is the one that was verified. The device cookies of other browsers die.
    USER_CHANGE_PASSWORD = "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1, device_epoch = device_epoch + 1
        WHERE id = $3 AND is_active AND password_hash = $4 RETURNING device_epoch";
    USER_SET_ACTIVE = "UPDATE users SET is_active = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND is_active <> $1";
    /// One statement decides that an administrator is left.
    USER_DISABLE = "
        UPDATE users SET is_active = $1, updated_at = $2, version = version + 1
        WHERE id = $3 AND is_active AND (role <> 'admin' OR EXISTS (
            SELECT 1 FROM users o WHERE o.role = 'admin' AND o.is_active AND o.password_hash IS NOT NULL AND o.id <> $3))";
    /// The changed fields; NULL leaves a name or an email as it is, a false flag the field behind it.
    /// $11 and $12 are other spellings of the email $2: another may have one still.
    USER_PROFILE = "
        UPDATE users SET name = COALESCE($1, name), email = COALESCE($2, email),
            email_as_before = email_as_before AND $2 IS NULL,
            phone = CASE WHEN $3 THEN $4 ELSE phone END,
            language = CASE WHEN $5 THEN $6 ELSE language END,
            theme = CASE WHEN $7 THEN $8 ELSE theme END,
            updated_at = $9, version = version + 1
        WHERE id = $10 AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email IN ($11, $12) AND o.id <> $10)";
    PREFERENCES_SAVE = "
        UPDATE users SET language = CASE WHEN $1 THEN $2 ELSE language END, theme = CASE WHEN $3 THEN $4 ELSE theme END
        WHERE id = $5";
    USER_AVATAR = "UPDATE users SET avatar = $1, updated_at = $2, version = version + 1 WHERE id = $3";
    PICTURE_INSERT = "INSERT INTO pictures (name, user_id, image, created_at) VALUES ($1, $2, $3, $4)";
    PICTURE_REMOVE = "DELETE FROM pictures WHERE user_id = $1";
    PICTURE_BY_NAME = "SELECT image FROM pictures WHERE name = $1";
    /// Queues up everybody who decides whether there is an administrator.
    ADMINISTRATORS_HOLD = "UPDATE policy SET version = version WHERE id = 1";
    ADMINISTRATOR_EXISTS = "SELECT id FROM users WHERE role = 'admin' LIMIT 1";

    // Lockout -----------------------------------------------------------------

    /// How it stands with a bucket $1 at $3: attempts count since $2, and since a lock that is over. $4 is how many
    /// newer ones the attempt has whose leaving makes room in a full bucket.
    BUCKET_STANDING = "
        SELECT b.locked_until, count(a.id) AS used, max(a.at) AS newest,
            (SELECT f.at FROM attempts f WHERE f.bucket = $1 AND f.at > $2 ORDER BY f.at DESC LIMIT 1 OFFSET $4) AS frees
        FROM buckets b LEFT JOIN attempts a ON a.bucket = b.name AND a.at > $2
            AND (b.locked_until IS NULL OR b.locked_until > $3 OR a.at >= b.locked_until)
        WHERE b.name = $1 GROUP BY b.name, b.locked_until";
    /// Makes or locks a bucket's row; a lock that ends after $2 was written by a clock that was ahead.
    BUCKET_MEET = "
        INSERT INTO buckets (name, locked_until) VALUES ($1, NULL) ON CONFLICT (name) DO UPDATE SET
            locked_until = CASE WHEN buckets.locked_until > $2 THEN CAST($2 AS BIGINT) ELSE buckets.locked_until END";
    ATTEMPTS_BRING_BACK = "UPDATE attempts SET at = $2 WHERE bucket = $1 AND at > $2";
    /// Counts and refuses: one attempt $2 at $3, where fewer than $5 count since $4 and no lock is in force.
    ATTEMPT_CHARGE = "
        INSERT INTO attempts (bucket, id, at)
        SELECT b.name, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM buckets b
        WHERE b.name = $1 AND (b.locked_until IS NULL OR b.locked_until <= $3) AND (
            SELECT count(*) FROM attempts a
            WHERE a.bucket = b.name AND a.at > $4 AND a.at >= COALESCE(b.locked_until, 0)) < $5";
    BUCKET_LOCK = "UPDATE buckets SET locked_until = $1 WHERE name = $2";
    BUCKET_UNLOCK = "UPDATE buckets SET locked_until = NULL WHERE name = $1";
    BUCKET_CLEAR = "DELETE FROM buckets WHERE name = $1";
    ATTEMPTS_CLEAR = "DELETE FROM attempts WHERE bucket = $1";
    ATTEMPT_TAKE_BACK = "DELETE FROM attempts WHERE id = $1";
    /// Forgets an identifier's failures, those of its user and those of the user's own browsers.
    ATTEMPTS_LIFT = concat!("
        DELETE FROM attempts WHERE bucket IN ('email:' || $1, 'email:' || $2) OR bucket = 'user:' || ", user_of_email!(), "
            OR bucket LIKE 'device:' || ", user_of_email!(), " || ':%'");
    BUCKETS_LIFT = concat!("
        DELETE FROM buckets WHERE name IN ('email:' || $1, 'email:' || $2) OR name = 'user:' || ", user_of_email!(), "
            OR name LIKE 'device:' || ", user_of_email!(), " || ':%'");
    /// What is locked or full at $2: people's buckets by their lock, addresses by $3 attempts since $1.
    LOCKOUTS_LIST = "
        SELECT b.name AS bucket, u.email, b.locked_until, count(a.id) AS failures,
            (SELECT f.at FROM attempts f WHERE f.bucket = b.name AND f.at > $1 ORDER BY f.at DESC LIMIT 1 OFFSET $4) AS frees
        FROM buckets b LEFT JOIN attempts a ON a.bucket = b.name AND a.at > $1
            LEFT JOIN users u ON b.name = 'user:' || u.id OR b.name LIKE 'device:' || u.id || ':%'
        WHERE b.name LIKE 'user:%' OR b.name LIKE 'email:%' OR b.name LIKE 'device:%' OR b.name LIKE 'address:%'
        GROUP BY b.name, u.email, b.locked_until
        HAVING b.locked_until > $2 OR (b.name LIKE 'address:%' AND count(a.id) >= $3) ORDER BY b.name";
    /// Brings back what a clock that was ahead has written: attempts to now, locks to the longest that may be.
    ATTEMPTS_SWEEP_AHEAD = "UPDATE attempts SET at = $1 WHERE at > $1";
    BUCKETS_SWEEP_AHEAD = "UPDATE buckets SET locked_until = $1 WHERE locked_until > $1";
    ATTEMPTS_SWEEP = "DELETE FROM attempts WHERE at <= $1";
    BUCKETS_SWEEP = "
        DELETE FROM buckets WHERE (locked_until IS NULL OR locked_until <= $1)
            AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.bucket = buckets.name)";

    // Policy ------------------------------------------------------------------

    POLICY_READ = "SELECT rules, version FROM policy WHERE id = 1";
    POLICY_SAVE = "UPDATE policy SET rules = $1, version = version + 1 WHERE id = 1 AND version = $2";

    // One-time links ----------------------------------------------------------

    LINK_INSERT = "INSERT INTO links (token_hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    /// Spends a link; of parallel attempts one gets the row.
    LINK_SPEND = "UPDATE links SET used_at = $1 WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1";
    /// Nobody's, as a set-up link is, or somebody's who was not disabled meanwhile.
    LINK_LOOK = "
        SELECT l.user_id, u.email, l.created_at FROM links l LEFT JOIN users u ON u.id = l.user_id
        WHERE l.token_hash = $1 AND l.kind = $2 AND l.used_at IS NULL AND l.expires_at > $3 AND (l.user_id IS NULL OR u.is_active)";
    LINKS_END_OF_KIND = "UPDATE links SET used_at = $1 WHERE kind = $2 AND used_at IS NULL";
    LINKS_END_OF_USER = "UPDATE links SET used_at = $1 WHERE user_id = $2 AND used_at IS NULL";
    /// A link of a time to come is none, and would be one when that has come.
    LINKS_SWEEP_AHEAD = "DELETE FROM links WHERE created_at > $1";
    LINKS_SWEEP = "DELETE FROM links WHERE expires_at < $1";

    // Audit -------------------------------------------------------------------

    AUDIT_INSERT = "
        INSERT INTO audit (id, at, action, result, actor, target, session, address, user_agent, request_id, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    AUDIT_SIGN_IN_BEFORE = "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in' AND at <= $2 AND (session IS NULL OR session <> $3) ORDER BY at DESC, id DESC LIMIT 1";
    AUDIT_FAILED_SINCE = "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in_failed' AND at > $2 ORDER BY at DESC, id DESC LIMIT 10";
    AUDIT_FAILED_COUNT = "SELECT count(*) FROM audit WHERE target = $1 AND action = 'sign_in_failed' AND at > $2";
    /// What a person is told of the sign-ins to their account, newest first: a new email is among them, since one signs
    /// in with it. Of its details only emails are texts, and those are there where one changed.
    AUDIT_SIGN_INS = "
        SELECT at, action, address, user_agent FROM audit
        WHERE target = $1 AND (action IN ('sign_in', 'sign_in_failed', 'locked', 'password_changed')
            OR (action = 'profile_changed' AND details LIKE '%newEmail%'))
        ORDER BY at DESC, id DESC LIMIT $2";
    /// Without it the table refuses to delete anything.
    AUDIT_SWEEP_BEFORE = "UPDATE audit_retention SET swept_before = $1 WHERE id = 1";
    AUDIT_SWEEP = "DELETE FROM audit WHERE at < $1";
}
