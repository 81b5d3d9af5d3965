//! The table `users`.

use sqlx::FromRow;
use sqlx::{ColumnIndex, Decode, Row, Type};

use super::LocalRow;
use super::query::{local, queries};
use crate::server::clock::Millis;

/// A user's columns.
#[derive(Clone, FromRow)]
pub struct UserColumns {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// JSON: the permissions granted in addition to the role.
    pub permissions: String,
    /// JSON: the permissions of the role.
    pub role_permissions: String,
    pub password_required: bool,
    pub is_active: bool,
    pub phone: Option<String>,
    /// JSON.
    pub labels: String,
    pub avatar: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub last_login: Option<Millis>,
}

impl LocalRow for UserColumns {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<UserColumns> {
        Ok(UserColumns {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
            permissions: row.get(4)?,
            role_permissions: row.get(5)?,
            password_required: row.get(6)?,
            is_active: row.get(7)?,
            phone: row.get(8)?,
            labels: row.get(9)?,
            avatar: row.get(10)?,
            created_at: row.get(11)?,
            updated_at: row.get(12)?,
            last_login: row.get(13)?,
        })
    }
}

/// The policy and, if it exists, the user of a sign-in.
#[derive(FromRow)]
pub struct SignInRow {
    pub rules: String,
    #[sqlx(flatten)]
    pub user: Joined<SignInUser>,
}

/// The columns of a user that a sign-in needs.
#[derive(FromRow)]
pub struct SignInUser {
    #[sqlx(flatten)]
    pub columns: UserColumns,
    pub language: Option<String>,
    pub theme: Option<String>,
    /// A PHC string; `None` for an invited user.
    pub password_hash: Option<String>,
    /// Device cookies with another epoch are invalid.
    pub device_epoch: i64,
}

impl LocalRow for SignInRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<SignInRow> {
        let user = || -> rusqlite::Result<SignInUser> {
            Ok(SignInUser {
                columns: UserColumns::read(row)?,
                language: row.get(14)?,
                theme: row.get(15)?,
                password_hash: row.get(16)?,
                device_epoch: row.get(17)?,
            })
        };
        let id: Option<String> = row.get(0)?;
        Ok(SignInRow { rules: row.get(18)?, user: Joined(id.map(|_| user()).transpose()?) })
    }
}

/// The columns of a LEFT JOIN: `None` if its `id` is NULL.
pub struct Joined<T>(pub Option<T>);

impl<'r, R: Row, T: FromRow<'r, R>> FromRow<'r, R> for Joined<T>
where
    &'static str: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Joined<T>> {
        match row.try_get::<Option<String>, _>("id")? {
            Some(_) => T::from_row(row).map(|row| Joined(Some(row))),
            None => Ok(Joined(None)),
        }
    }
}

/// A line of the user list.
#[derive(FromRow)]
pub struct ListedUser {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub is_active: bool,
    pub invited: bool,
    pub locked_until: Option<Millis>,
    pub last_login: Option<Millis>,
}

/// The id of the user with an email: first by $1, as typed, in a previous spelling; else by $2,
/// its normalised form.
macro_rules! user_of_email {
    () => {
        user_of_email!("$1", "$2")
    };
    ($typed:literal, $stored:literal) => {
        concat!(
            "(SELECT o.id FROM users o WHERE o.email IN (",
            $typed,
            ", ",
            $stored,
            ") ORDER BY o.email = ",
            $typed,
            " DESC LIMIT 1)"
        )
    };
}

/// The columns of [`UserColumns`], in its order.
macro_rules! user_columns {
    () => {
        concat!(
            "u.id, u.email, u.name, u.role, u.permissions, ",
            $crate::server::db::roles::role_permissions!(),
            " AS role_permissions, u.password_required, u.is_active, u.phone, u.labels, u.avatar,
               u.created_at, u.updated_at, u.last_login"
        )
    };
}

pub(super) use {user_columns, user_of_email};

/// The columns of [`SignInRow`].
macro_rules! sign_in_columns {
    () => {
        concat!(user_columns!(), ", u.language, u.theme, u.password_hash, u.device_epoch, p.rules")
    };
}

const SIGN_IN: &str = concat!(
    "SELECT ",
    sign_in_columns!(),
    " FROM policy p LEFT JOIN users u ON u.id = ",
    user_of_email!(),
    " WHERE p.id = 1"
);

const BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");

local! {
    /// The user with an id, read in this thread if possible.
    fn find = by_id(user_id: &str) -> Option<UserColumns> { BY_ID }

    /// The data of a sign-in, read in this thread if possible.
    fn of_sign_in = for_sign_in(typed: &str, email: &str) -> Option<SignInRow> { SIGN_IN }
}

queries! {
    /// The data of a sign-in in one query: the policy, and the user with an email.
    fn for_sign_in(typed: &str, email: &str) -> Option<SignInRow> { SIGN_IN }

    /// The same by user id, for a user whose password was just verified.
    fn for_sign_in_by_id(user_id: &str) -> Option<SignInRow> { concat!("
        SELECT ", sign_in_columns!(), "
        FROM policy p LEFT JOIN users u ON u.id = $1 WHERE p.id = 1") }

    /// The user with an email, as typed and as stored.
    fn by_email(typed: &str, email: &str) -> Option<UserColumns> {
        concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ", user_of_email!())
    }

    fn by_id(user_id: &str) -> Option<UserColumns> { BY_ID }

    /// Every user, ordered by email.
    fn list() -> Vec<ListedUser> { "
        SELECT u.id, u.email, u.name, u.role, u.is_active, u.password_hash IS NULL AS invited, l.locked_until, u.last_login
        FROM users u LEFT JOIN buckets l ON l.name = 'user:' || u.id ORDER BY u.email" }

    /// Adds a user, unless another has the email in this spelling or in one of two others.
    fn insert(
        new_user_id: &str, new_email: &str, name: &str, role: &str, password_hash: Option<&str>, now: Millis,
        typed_email: &str, shown_email: &str,
    ) -> Count { "
        INSERT INTO users (id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version)
        SELECT $1, $2, $3, r.name, '[]', TRUE, '[]', $5, $6, $6, 1 FROM roles r
        WHERE r.name = $4 AND NOT EXISTS (SELECT 1 FROM users WHERE email IN ($7, $8))
        ON CONFLICT (email) DO NOTHING" }

    /// Emails in a previous spelling, with their users.
    fn unconverted_emails() -> Vec<(String, String)> {
        "SELECT id, email FROM users WHERE email_as_before ORDER BY id"
    }

    /// Another user with the same email.
    fn another_with_email(other_email: &str, user_id: &str) -> Option<(String,)> {
        "SELECT id FROM users WHERE email = $1 AND id <> $2"
    }

    /// Converts an email in a previous spelling, unless another user has its normalised form.
    fn convert_email(spelling: &str, user_id: &str, email: &str) -> Count { "
        UPDATE users SET email = $1, email_as_before = FALSE
        WHERE id = $2 AND email = $3 AND email_as_before
          AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $1 AND o.id <> $2)" }

    /// Records a sign-in and stores the hash. Applies only while the user is active and the
    /// password is the verified one. Locks the row, so that the user can't be disabled in
    /// between.
    fn signed_in(now: Millis, new_password_hash: &str, user_id: &str, password_hash: &str) -> Count {
        "UPDATE users SET last_login = $1, last_active_at = $1, password_hash = $2 WHERE id = $3 AND is_active AND password_hash = $4"
    }

    /// Sets a first password. To change one, use [`change_password`].
    fn activate(password_hash: &str, now: Millis, invited_id: &str) -> Count { "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1, password_required = FALSE
        WHERE id = $3 AND is_active AND password_hash IS NULL" }

    /// Changes a password, if the stored hash is still the verified one. Invalidates the device
    /// cookies of other browsers. Returns the new epoch.
    fn change_password(new_password_hash: &str, now: Millis, user_id: &str, password_hash: &str) -> Option<(i64,)> { "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1,
            device_epoch = device_epoch + 1, password_required = FALSE
        WHERE id = $3 AND is_active AND password_hash = $4 RETURNING device_epoch" }

    fn enable(now: Millis, disabled_id: &str) -> Count {
        "UPDATE users SET is_active = TRUE, updated_at = $1, version = version + 1 WHERE id = $2 AND NOT is_active"
    }

    /// Disables a user, unless it is the last active administrator. `force` disables that one too.
    fn disable(now: Millis, user_id: &str, force: bool) -> Count { "
        UPDATE users SET is_active = FALSE, updated_at = $1, version = version + 1
        WHERE id = $2 AND is_active AND ($3 OR role <> 'admin' OR EXISTS (
            SELECT 1 FROM users o WHERE o.role = 'admin' AND o.is_active AND o.password_hash IS NOT NULL AND o.id <> $2))" }

    /// Changes a profile, unless another user has the email in one of two other spellings.
    /// `None` keeps a name or email. A false flag keeps the field after it.
    fn change_profile(
        name: Option<&str>, new_email: Option<&str>, change_phone: bool, phone: Option<&str>, change_language: bool,
        language: Option<&str>, change_theme: bool, theme: Option<&str>, now: Millis, user_id: &str,
        typed_email: Option<&str>, shown_email: Option<&str>,
    ) -> Count { "
        UPDATE users SET name = COALESCE($1, name), email = COALESCE($2, email),
            email_as_before = email_as_before AND $2 IS NULL,
            phone = CASE WHEN $3 THEN $4 ELSE phone END,
            language = CASE WHEN $5 THEN $6 ELSE language END,
            theme = CASE WHEN $7 THEN $8 ELSE theme END,
            updated_at = $9, version = version + 1
        WHERE id = $10 AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email IN ($11, $12) AND o.id <> $10)" }

    /// Stores a language and a theme, each if its flag is set.
    fn save_preferences(
        change_language: bool, language: Option<&str>, change_theme: bool, theme: Option<&str>, user_id: &str,
    ) -> Count { "
        UPDATE users SET language = CASE WHEN $1 THEN $2 ELSE language END, theme = CASE WHEN $3 THEN $4 ELSE theme END
        WHERE id = $5" }

    fn set_avatar(avatar: Option<&str>, now: Millis, user_id: &str) -> Count {
        "UPDATE users SET avatar = $1, updated_at = $2, version = version + 1 WHERE id = $3"
    }

    /// The id of one administrator, if any exists.
    fn find_administrator() -> Option<(String,)> {
        "SELECT id FROM users WHERE role = 'admin' LIMIT 1"
    }
}
