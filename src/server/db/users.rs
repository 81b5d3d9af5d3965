//! The table `users`.

use sqlx::FromRow;
use sqlx::{ColumnIndex, Decode, Row, Type};

use super::query::queries;
use crate::server::clock::Millis;

/// A user's columns.
#[derive(Clone, FromRow)]
pub struct UserColumns {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// JSON: what is granted beyond the role.
    pub permissions: String,
    pub is_active: bool,
    pub phone: Option<String>,
    /// JSON.
    pub labels: String,
    pub avatar: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub last_login: Option<Millis>,
}

/// The policy and, if there is one, the user of a sign-in.
#[derive(FromRow)]
pub struct SignInRow {
    pub rules: String,
    #[sqlx(flatten)]
    pub user: Joined<SignInUser>,
}

/// A user as far as a sign-in needs them.
#[derive(FromRow)]
pub struct SignInUser {
    #[sqlx(flatten)]
    pub columns: UserColumns,
    pub language: Option<String>,
    pub theme: Option<String>,
    /// A PHC string; `None` for somebody who is only invited.
    pub password_hash: Option<String>,
    /// Device cookies of another epoch are dead.
    pub device_epoch: i64,
}

/// The columns of a LEFT JOIN: nothing where its `id` is NULL.
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

/// The id of whoever has an email: $1 as it was typed, a spelling of before; else $2, its one spelling.
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

pub(super) use user_of_email;

/// The columns of [`UserColumns`].
macro_rules! user_columns {
    () => {
        "u.id, u.email, u.name, u.role, u.permissions, u.is_active, u.phone, u.labels, u.avatar,
               u.created_at, u.updated_at, u.last_login"
    };
}

/// The columns of [`SignInRow`].
macro_rules! sign_in_columns {
    () => {
        concat!("p.rules, ", user_columns!(), ", u.language, u.theme, u.password_hash, u.device_epoch")
    };
}

queries! {
    /// What a sign-in needs, in one: the policy, and the user of an email.
    fn for_sign_in(typed: &str, email: &str) -> Option<SignInRow> { concat!("
        SELECT ", sign_in_columns!(), "
        FROM policy p LEFT JOIN users u ON u.id = ", user_of_email!(), " WHERE p.id = 1") }

    /// The same for somebody whose password was proven a moment ago.
    fn for_sign_in_by_id(user_id: &str) -> Option<SignInRow> { concat!("
        SELECT ", sign_in_columns!(), "
        FROM policy p LEFT JOIN users u ON u.id = $1 WHERE p.id = 1") }

    /// The user of an email, as typed and as stored.
    fn by_email(typed: &str, email: &str) -> Option<UserColumns> {
        concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ", user_of_email!())
    }

    fn by_id(user_id: &str) -> Option<UserColumns> {
        concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1")
    }

    /// Every user, by email.
    fn list() -> Vec<ListedUser> { "
        SELECT u.id, u.email, u.name, u.role, u.is_active, u.password_hash IS NULL AS invited, l.locked_until, u.last_login
        FROM users u LEFT JOIN buckets l ON l.name = 'user:' || u.id ORDER BY u.email" }

    /// Adds a user, unless somebody has the email in this or in one of two other spellings.
    fn insert(
        new_user_id: &str, new_email: &str, name: &str, role: &str, password_hash: Option<&str>, now: Millis,
        typed_email: &str, shown_email: &str,
    ) -> Count { "
        INSERT INTO users (id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version)
        SELECT $1, $2, $3, $4, '[]', TRUE, '[]', $5, $6, $6, 1 WHERE NOT EXISTS (SELECT 1 FROM users WHERE email IN ($7, $8))
        ON CONFLICT (email) DO NOTHING" }

    /// Emails that are spelt as before, with whose they are.
    fn emails_as_before() -> Vec<(String, String)> {
        "SELECT id, email FROM users WHERE email_as_before ORDER BY id"
    }

    /// Who else has an email.
    fn another_with_email(other_email: &str, user_id: &str) -> Option<(String,)> {
        "SELECT id FROM users WHERE email = $1 AND id <> $2"
    }

    /// Gives an email that is spelt as before its one spelling, unless another user has that.
    fn spell_anew(spelling: &str, user_id: &str, email: &str) -> Count { "
        UPDATE users SET email = $1, email_as_before = FALSE
        WHERE id = $2 AND email = $3 AND email_as_before
          AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $1 AND o.id <> $2)" }

    /// Notes a sign-in and keeps the hash. Holds only while the proof does: the user active, the password the one
    /// that was verified. Locks the row, so that nobody is disabled in between.
    fn signed_in(now: Millis, new_password_hash: &str, user_id: &str, password_hash: &str) -> Count {
        "UPDATE users SET last_login = $1, password_hash = $2 WHERE id = $3 AND is_active AND password_hash = $4"
    }

    /// Sets a first password. Changing one is [`change_password`].
    fn activate(password_hash: &str, now: Millis, invited_id: &str) -> Count { "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1
        WHERE id = $3 AND is_active AND password_hash IS NULL" }

    /// Changes a password while the old one is the one that was verified. The device cookies of other browsers die;
    /// gives the new epoch.
    fn change_password(new_password_hash: &str, now: Millis, user_id: &str, password_hash: &str) -> Option<(i64,)> { "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1, device_epoch = device_epoch + 1
        WHERE id = $3 AND is_active AND password_hash = $4 RETURNING device_epoch" }

    fn enable(now: Millis, disabled_id: &str) -> Count {
        "UPDATE users SET is_active = TRUE, updated_at = $1, version = version + 1 WHERE id = $2 AND NOT is_active"
    }

    /// Disables a user, unless no administrator who can sign in would be left.
    fn disable(now: Millis, user_id: &str) -> Count { "
        UPDATE users SET is_active = FALSE, updated_at = $1, version = version + 1
        WHERE id = $2 AND is_active AND (role <> 'admin' OR EXISTS (
            SELECT 1 FROM users o WHERE o.role = 'admin' AND o.is_active AND o.password_hash IS NOT NULL AND o.id <> $2))" }

    /// Changes a profile, unless another has the email in one of two other spellings. `None` leaves a name or an
    /// email as it is, a false flag the field behind it.
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

    /// Stores a language and a theme, each where its flag says so.
    fn save_preferences(
        change_language: bool, language: Option<&str>, change_theme: bool, theme: Option<&str>, user_id: &str,
    ) -> Count { "
        UPDATE users SET language = CASE WHEN $1 THEN $2 ELSE language END, theme = CASE WHEN $3 THEN $4 ELSE theme END
        WHERE id = $5" }

    fn set_avatar(avatar: Option<&str>, now: Millis, user_id: &str) -> Count {
        "UPDATE users SET avatar = $1, updated_at = $2, version = version + 1 WHERE id = $3"
    }

    /// One administrator's id, if there is any.
    fn an_administrator() -> Option<(String,)> {
        "SELECT id FROM users WHERE role = 'admin' LIMIT 1"
    }
}
