//! People: finding, adding, changing and removing them, and what else administrators do to them.
//!
//! Every change runs in a transaction that first locks the administrators, so that two changes
//! never decide on the same state, and then reads the caller's rights again.
//!
//! | file | what is in it |
//! |---|---|
//! | here | who may change whom |
//! | [`list`], [`filter`], [`one`] | the list; whom its filter finds; one person |
//! | [`add`], [`change`] | adding and changing a person |
//! | [`acts`], [`chosen`] | acts on several people, and on whom |

pub mod acts;
pub mod add;
pub mod change;
pub mod chosen;
pub mod filter;
pub mod list;
pub mod one;

use std::collections::BTreeMap;

use crate::model::code::Code;
use crate::model::email::Email;
use crate::model::permission::{Permission, Permissions};
use crate::model::profile::{person_name, phone};
use crate::model::text::Text;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::context::RequestContext;
use crate::server::db::roles::RoleRow;
use crate::server::db::{Tx, users};
use crate::server::error::{Error, Problem, Result};
use crate::server::state::Panel;
use crate::server::users::lock_administrators;

/// The maximum number of labels of a person, and of characters in one.
const MAX_LABELS: usize = 20;
const MAX_LABEL: usize = 40;

/// Who changes people, and with which rights.
pub struct Caller<'a> {
    pub now: Millis,
    /// The id; `None` for the command line.
    by: Option<&'a str>,
    rights: Permissions,
    public_url: &'a str,
    /// Whether the last administrator may go. Only for the command line, which can make another.
    force: bool,
    event: Box<dyn Fn(Action) -> Event<'a> + Send + Sync + 'a>,
}

impl<'a> Caller<'a> {
    /// The command line, which may do everything.
    pub fn command_line(panel: &'a Panel, force: bool) -> Caller<'a> {
        let now = panel.clock.now();
        Caller {
            now,
            by: None,
            rights: Permissions::all(),
            public_url: &panel.config.public_url,
            force,
            event: Box::new(move |action| Event::of_system(action, now)),
        }
    }

    /// What the caller may do, as read in the transaction.
    pub fn rights(&self) -> Permissions {
        self.rights
    }

    /// An audit event of the caller.
    pub fn event(&self, action: Action) -> Event<'a> {
        (self.event)(action)
    }
}

/// Begins a change: nobody else changes people until it ends. Reads the rights that the caller has
/// now.
///
/// # Errors
/// `unauthenticated`, `forbidden`; `unavailable`.
pub async fn begin(context: &RequestContext) -> Result<(Tx, Caller<'_>)> {
    let by = context.require_user()?.session.user.id.as_str();
    let mut tx = context.panel.db.begin().await?;
    lock_administrators(&mut tx).await?;
    let user = users::by_id(tx.on(), by).await?.filter(|user| user.is_active);
    let rights = user.ok_or(Error::from(Code::Unauthenticated))?.effective()?;
    if !rights.contains(Permission::UsersManage) {
        return Err(Error::lacks(Permission::UsersManage));
    }
    let caller = Caller {
        now: context.info.now,
        by: Some(by),
        rights,
        public_url: &context.panel.config.public_url,
        force: false,
        event: Box::new(|action| context.event(action)),
    };
    Ok((tx, caller))
}

/// The first permission that somebody has and the caller lacks.
pub fn lacking(caller: Permissions, other: Permissions) -> Option<Permission> {
    other.iter().find(|permission| !caller.contains(*permission))
}

/// The validated fields of a person.
#[derive(Default)]
struct Fields {
    wrong: BTreeMap<&'static str, Problem>,
}

impl Fields {
    fn check<T>(&mut self, field: &'static str, value: Option<T>, problem: Text) -> Option<T> {
        if value.is_none() {
            self.wrong.insert(field, problem.into());
        }
        value
    }

    fn email(&mut self, text: &str) -> Option<Email> {
        self.check("email", Email::parse(text), Text::FieldEmailInvalid)
    }

    fn name(&mut self, text: &str) -> Option<String> {
        self.check("name", person_name(text), Text::FieldNameInvalid)
    }

    fn phone(&mut self, text: Option<&str>) -> Option<String> {
        match text.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => self.check("phone", phone(text).map(str::to_owned), Text::FieldPhoneInvalid),
            None => None,
        }
    }

    fn role(&mut self, role: Option<RoleRow>) -> Option<RoleRow> {
        self.check("role", role, Text::FieldRoleInvalid)
    }

    /// Permissions in the order of lists. An empty text comes from a form without any.
    fn permissions(&mut self, names: &[String]) -> Vec<Permission> {
        let named = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let known: Option<Vec<Permission>> = named.map(Permission::from_name).collect();
        let known = self.check("permissions", known, Text::FieldPermissionInvalid).unwrap_or_default();
        Permissions::of(&known).iter().collect()
    }

    /// Labels, each once. A form sends several in one text, separated by commas.
    fn labels(&mut self, texts: &[String]) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|label| !label.is_empty());
        let mut valid = true;
        for part in parts {
            let label = person_name(part).filter(|label| label.chars().count() <= MAX_LABEL);
            valid &= label.is_some();
            labels.extend(label.filter(|label| !labels.contains(label)));
        }
        valid &= labels.len() <= MAX_LABELS;
        self.check("labels", valid.then_some(labels), Text::FieldLabelsInvalid).unwrap_or_default()
    }

    fn finish(self) -> Result<()> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Error::fields(self.wrong)) }
    }
}

fn names_of(permissions: &[Permission]) -> Vec<&'static str> {
    permissions.iter().map(|permission| permission.name()).collect()
}
