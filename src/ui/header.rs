//! Who one is, at the top of the page: the server renders it, and the program keeps
//! it true. Where the server knows nobody but the mirror does, it fills in what the
//! server has left hidden: people must be able to sign out.

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

/// A person's picture, or the initials where there is none.
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
