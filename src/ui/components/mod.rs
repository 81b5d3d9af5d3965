//! Pieces that pages are made of; each has its style in `style/` under the same name.

pub mod avatar;
pub mod card_page;
pub mod field;
pub mod form_alert;
pub mod form_state;
pub mod header;
pub mod password_field;
pub mod post_form;
pub mod preference_switch;
pub mod select_field;
pub mod sign_out;
pub mod time;
pub mod typed;
