//! Components of pages. Each has its style in `style/` under the same name.

pub mod avatar;
pub mod card_page;
pub mod choose_all;
pub mod filter;
pub mod header;
pub mod job;
pub mod link_page;
pub mod number_field;
pub mod outcome;
pub mod preference_switch;
pub mod record;
pub mod select_field;
pub mod sign_out;
