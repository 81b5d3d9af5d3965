//! Pieces that pages are made of; each has its style in `style/` under the same name.

pub mod avatar;
pub mod card_page;
pub mod confirm_dialog;
pub mod dialog;
pub mod expiry_warning;
pub mod field;
pub mod form_alert;
pub mod form_state;
pub mod header;
pub mod link_page;
pub mod new_email;
pub mod new_sign_in;
pub mod overlays;
pub mod password_field;
pub mod post_form;
pub mod preference_switch;
pub mod select_field;
pub mod session_choice;
pub mod sign_in_cover;
pub mod sign_out;
pub mod time;
pub mod typed;
