//! `/roles`: the roles, changing one, and what a change would do.

use serde::Deserialize;

use super::query;
use crate::model::code::Code;
use crate::model::forms::DELETE_ROLES;
use crate::model::page::PageData;
use crate::model::permission::{Permission, Permissions};
use crate::model::roles::{RoleChange, RoleItem, RolesPage};
use crate::server::administration::roles::{list, review};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;
use crate::server::users::search::fold;

/// A change that the address carries, before it is saved.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Draft {
    name: String,
    label: String,
    permissions: Vec<String>,
    version: i64,
}

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    let identity = context.require_permission(Permission::UsersManage)?;
    let mut page = RolesPage {
        roles: list(context).await?,
        grantable: identity.session.user.effective()?.iter().collect(),
        edited: None,
        review: None,
        refused: None,
        outcome: found(context, &[DELETE_ROLES.action]).await?,
    };
    if context.info.query_field("review").is_some() {
        let draft: Draft = query(context, &["name", "label", "permissions", "version"]).unwrap_or_default();
        let name = if draft.name.is_empty() { short_name(&draft.label) } else { draft.name };
        let permissions = Permissions::of_names(draft.permissions.iter().map(String::as_str));
        page.edited = Some(RoleItem {
            name: name.clone(),
            label: draft.label.clone(),
            permissions: permissions.iter().collect(),
            shipped: false,
            people: 0,
            version: draft.version,
        });
        let change = RoleChange { name, label: draft.label, permissions: draft.permissions, version: draft.version };
        match review(context, change).await {
            Ok(review) => page.review = Some(review),
            Err(error) if error.code == Code::ValidationFailed => {
                let fields = error.details().map(|details| details.fields.clone()).unwrap_or_default();
                let lang = context.info.lang();
                let texts = fields.into_iter().map(|(name, problem)| (name.to_owned(), problem.text(lang)));
                page.refused = Some(texts.collect());
            }
            Err(error) => return Err(error),
        }
    } else if context.info.query_field("new").is_some() {
        page.edited = Some(RoleItem::default());
    } else if let Some(name) = context.info.query_field("edit") {
        page.edited = page.roles.iter().find(|role| role.name == name).cloned();
    }
    Ok(PageData::Roles(Box::new(page)))
}

/// A short name made from a label: `Gece nöbeti` becomes `gece-nobeti`.
fn short_name(label: &str) -> String {
    let plain = fold(label).replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn short_names_are_made_from_labels() {
        for (label, name) in [("Gece nöbeti", "gece-nobeti"), ("IŞIK  ekibi (2)", "isik-ekibi-2"), (" -- ", "")] {
            assert_eq!(short_name(label), name);
        }
        assert_eq!(short_name(&"a".repeat(60)).len(), 40);
    }
}
