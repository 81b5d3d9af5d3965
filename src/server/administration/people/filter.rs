//! Whom a filter finds.

use crate::model::people::{LastActive, PeopleFilter, PersonState};
use crate::server::clock::{DAY, Millis};
use crate::server::db::conditions::Conditions;
use crate::server::db::people::{Counted, Way};
use crate::server::users::search::patterns;

/// The users who are locked out now.
macro_rules! locked {
    () => {
        "(SELECT substr(b.name, 6) FROM buckets b WHERE b.locked_until > ?1 AND b.name LIKE 'user:%')"
    };
}

impl PeopleFilter {
    /// Whether it searches names, so that it reads through all of them. Otherwise an index finds those
    /// who match.
    pub fn searches(&self) -> bool {
        self.q.as_deref().is_some_and(|q| !patterns(q).is_empty())
    }

    /// How its matches are found.
    pub fn way(&self) -> Way {
        if self.searches() { Way::ByName } else { Way::ByUser }
    }

    /// The tables that count its matches.
    pub fn counted(&self) -> Counted {
        let set = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let filters = set(&self.role) || set(&self.label) || self.state.is_some() || self.last_active.is_some();
        match (self.searches(), filters) {
            (true, false) => Counted::Names,
            (true, true) => Counted::Both,
            (false, _) => Counted::Users,
        }
    }

    /// The conditions that find these people.
    pub fn conditions(&self, start: Conditions, now: Millis) -> Conditions {
        let mut all = start;
        let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
        for pattern in patterns(self.q.as_deref().unwrap_or_default()) {
            all = all.and("k.hay LIKE ?1 ESCAPE '\\'", [pattern.into()]);
        }
        if let Some(role) = text(&self.role) {
            all = all.and("u.role = ?1", [role.as_str().into()]);
        }
        if let Some(label) = text(&self.label) {
            // Labels are a JSON list of texts.
            let quoted = serde_json::to_string(label.trim()).unwrap_or_default();
            let escaped: String =
                quoted.chars().flat_map(|c| "%_\\".contains(c).then_some('\\').into_iter().chain([c])).collect();
            // Few have any: there is an index of those.
            all = all.and("u.labels <> '[]'", []);
            all = all.and("u.labels LIKE ?1 ESCAPE '\\'", [format!("%{escaped}%").into()]);
        }
        all = match self.state {
            None => all,
            Some(PersonState::Disabled) => all.and("NOT u.is_active", []),
            Some(PersonState::Locked) => all.and("u.is_active", []).and(concat!("u.id IN ", locked!()), [now.into()]),
            Some(PersonState::Invited) => all
                .and("u.is_active", [])
                .and("u.password_hash IS NULL", [])
                .and(concat!("u.id NOT IN ", locked!()), [now.into()]),
            Some(PersonState::Active) => all
                .and("u.is_active", [])
                .and("u.password_hash IS NOT NULL", [])
                .and(concat!("u.id NOT IN ", locked!()), [now.into()]),
        };
        let before = |days: i64| (now - days * DAY).into();
        match self.last_active {
            None => all,
            Some(LastActive::Month) => all.and("u.last_active_at <= ?1", [before(30)]),
            Some(LastActive::Quarter) => all.and("u.last_active_at <= ?1", [before(90)]),
            Some(LastActive::HalfYear) => all.and("u.last_active_at <= ?1", [before(180)]),
            Some(LastActive::Year) => all.and("u.last_active_at <= ?1", [before(365)]),
            Some(LastActive::Never) => all.and("u.last_active_at IS NULL", []),
        }
    }
}
