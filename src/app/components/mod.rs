//! Components of pages. Each has its style in `style/` under the same name.

pub mod avatar;
pub mod card_page;
pub mod filter;
pub mod header;
pub mod link_page;
pub mod number_field;
pub mod outcome;
pub mod preference_switch;
pub mod select_field;
pub mod sign_out;
