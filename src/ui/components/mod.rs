//! Components of pages and overlays. Each has its style in `style/` under the same name.
//!
//! `form`, `field`, `password_field`, `session_choice` and `time` are plain markup: the server
//! renders them for pages, and the program for overlays.

pub mod administrator_notice;
pub mod choice_card;
pub mod confirm_dialog;
pub mod dialog;
pub mod expiry_warning;
pub mod field;
pub mod form;
pub mod new_email;
pub mod new_sign_in;
pub mod overlays;
pub mod password_field;
pub mod session_choice;
pub mod sign_in_cover;
pub mod time;
