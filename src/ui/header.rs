//! Keeps the user in the server-rendered header up to date. Where only the mirror knows a user, it
//! shows the parts that the server has rendered hidden, so that the user can sign out.

use leptos::prelude::*;
use web_sys::Element;

use super::auth_store::AuthStore;
use super::dom;
use crate::model::user::User;

/// Follows the store as long as the current owner lives.
pub fn follow(store: AuthStore) {
    Effect::new(move |_| {
        if let Some(user) = store.state().with(|s| s.user.clone()) {
            show(&user);
        }
    });
}

fn show(user: &User) {
    let Some(header) = dom::on_page(".header") else { return };
    for hidden in dom::all(&header, "[hidden]") {
        dom::set(&hidden, "hidden", None);
    }
    if let Some(name) = dom::find(&header, ".person-name")
        && name.text_content().as_deref() != Some(user.name.as_str())
    {
        name.set_text_content(Some(&user.name));
    }
    if let Some(shown) = dom::find(&header, ".avatar")
        && let Some(avatar) = avatar(user)
        && !avatar.is_equal_node(Some(&shown))
    {
        shown.replace_with_with_node_1(&avatar).ok();
    }
}

/// Creates the user's picture, or their initials without one.
fn avatar(user: &User) -> Option<Element> {
    match &user.avatar {
        Some(picture) => {
            let image = dom::element("img", "avatar", "")?;
            dom::set(&image, "src", Some(picture));
            dom::set(&image, "alt", Some(""));
            Some(image)
        }
        None => {
            let initials = dom::element("span", "avatar", &user.initials())?;
            dom::set(&initials, "aria-hidden", Some("true"));
            Some(initials)
        }
    }
}
