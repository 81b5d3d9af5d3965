//! Whom an act on several people is done to.

use std::collections::HashSet;

use crate::model::code::Code;
use crate::model::people::PeopleFilter;
use crate::model::text::Text;
use crate::server::context::RequestContext;
use crate::server::db::conditions::Conditions;
use crate::server::db::people;
use crate::server::error::{Error, Result};

/// Whom an act is done to: people by their ids, or everybody whom a filter finds but the caller.
pub struct Chosen<'a> {
    pub ids: Option<&'a [String]>,
    pub filter: Option<&'a PeopleFilter>,
    /// The number that was shown for the filter. More are never touched.
    pub expected: Option<u32>,
}

impl<'a> Chosen<'a> {
    /// People by their ids.
    pub fn ids(ids: &'a [String]) -> Chosen<'a> {
        Chosen { ids: Some(ids), filter: None, expected: None }
    }

    /// The ids, each once.
    ///
    /// # Errors
    /// `invalid_request` unless it is either ids, or a filter with its number; `validation_failed`
    /// without anybody; `conflict` with `count` if the filter finds more than were shown.
    pub(super) async fn find(&self, context: &RequestContext) -> Result<Vec<String>> {
        let (filter, expected) = match (self.ids, self.filter, self.expected) {
            (None, Some(filter), Some(expected)) => (filter, expected),
            (ids, None, None) => {
                let mut seen = HashSet::new();
                let ids: Vec<String> = ids.into_iter().flatten().filter(|id| seen.insert(*id)).cloned().collect();
                return if ids.is_empty() { Err(Error::field("ids", Text::FieldNobodyChosen)) } else { Ok(ids) };
            }
            _ => return Err(Error::from(Code::InvalidRequest)),
        };
        let me = context.require_user()?.session.user.id.as_str();
        let others = filter.conditions(Conditions::default(), context.info.now).and("u.id <> ?1", [me.into()]);
        let found = people::ids(context.panel.db.reader(), filter.way(), &others).await?;
        let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
        match count > expected {
            true => Err(Error::from(Code::Conflict).with(|details| details.count = Some(count))),
            false => Ok(found.into_iter().map(|(id,)| id).collect()),
        }
    }
}
