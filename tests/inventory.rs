//! Every route is in the inventory and is guarded as the inventory says.

use std::collections::BTreeSet;

use kafkasder_panel::model::code::Code;
use kafkasder_panel::model::permission::{Permission, SHIPPED};
use kafkasder_panel::server::access::{FOLDERS, Kind, Needs, ROUTES, Route};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::json;

use crate::support::{Browser, LOGOUT, RequestBuilder, TestApp};

both![
    the_routes_without_sign_in_are_this_list,
    every_server_function_and_page_is_in_the_inventory,
    every_route_of_the_inventory_exists,
    every_protected_route_refuses_requests_without_a_session,
    every_role_has_exactly_its_permissions,
    every_route_with_a_permission_refuses_users_without_it,
    every_mutation_refuses_requests_without_a_csrf_token,
    reading_changes_nothing,
];

async fn the_routes_without_sign_in_are_this_list(_: TestApp) {
    let open: Vec<&str> = ROUTES.iter().filter(|route| route.needs == Needs::Nothing).map(|route| route.path).collect();
    // Adding a route here is a decision.
    assert_eq!(
        open,
        [
            "/healthz",
            "/readyz",
            "/api/csrf",
            "/api/auth/login",
            "/api/auth/login/choose",
            "/api/auth/logout",
            "/api/setup",
            "/api/activate",
            "/api/preferences",
            "/login",
            "/setup",
            "/activate",
            "/favicon.svg",
            "/robots.txt"
        ]
    );
}

async fn every_server_function_and_page_is_in_the_inventory(_: TestApp) {
    let known: BTreeSet<(&str, &str)> =
        ROUTES.iter().flat_map(|route| route.allow().split(", ").map(|method| (route.path, method))).collect();
    let functions: Vec<_> = server_fn_paths().collect();
    assert!(functions.len() >= 4, "server functions are registered: {functions:?}");
    for (path, method) in functions {
        assert!(known.contains(&(path, method.as_str())), "{method} {path} is a server function the inventory lacks");
    }
    let pages = (kafkasder_panel::FRONT.routes)();
    assert!(pages.len() >= 4);
    for page in pages {
        let of_path = |route: &&Route| route.path == page.path();
        let in_folder = |route: &&Route| page.path().strip_prefix(route.path).is_some_and(|rest| rest == "{id}");
        let row = ROUTES.iter().find(of_path).or_else(|| FOLDERS.iter().find(in_folder));
        assert!(row.is_some_and(|route| route.kind.is_page()), "{} is a page the inventory lacks", page.path());
    }
    let rows: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.path, route.allow())).collect();
    assert_eq!(rows.len(), ROUTES.len(), "each path is listed once for each method");
}

async fn ask(browser: &mut Browser, route: &Route) -> crate::support::Answer {
    let method = route.allow().split(", ").next().expect("a method");
    match method {
        "POST" => {
            browser.ensure_token().await;
            empty(browser.fetch(method, route.path).with_token(), route).send().await
        }
        _ => browser.get(route.path).await,
    }
}

/// Sets the smallest body that the route accepts. The content type is checked before the token.
fn empty<'a>(ask: RequestBuilder<'a>, route: &Route) -> RequestBuilder<'a> {
    match route.kind {
        Kind::Upload => ask.body("multipart/form-data; boundary=x", "--x--\r\n"),
        _ => ask.json(&json!({})),
    }
}

async fn every_route_of_the_inventory_exists(app: TestApp) {
    let admin = app.person_with("admin", "admin", crate::support::PASSWORD).await;
    for route in ROUTES {
        let answer = ask(&mut app.signed_in(&admin).await, route).await;
        assert!(![404, 405, 500].contains(&answer.status), "{answer}");
    }
}

async fn every_protected_route_refuses_requests_without_a_session(app: TestApp) {
    let closed: Vec<&Route> = ROUTES.iter().filter(|route| route.needs != Needs::Nothing).collect();
    assert!(closed.len() >= 3);
    for route in closed {
        ask(&mut app.browser(), route).await.refused(401, "unauthenticated");
        if route.kind.is_page() {
            assert!(app.browser().navigate(route.path).await.see_other().starts_with("/login?redirect="));
        }
    }
}

/// Asks for each permission as a route or a server function does.
async fn every_role_has_exactly_its_permissions(app: TestApp) {
    let areas = Permission::ALL.into_iter().filter(|permission| !permission.administers());
    let member = [
        "beneficiaries:access",
        "donations:access",
        "aid_applications:access",
        "scholarships:access",
        "messages:access",
    ];
    for role in SHIPPED {
        let granted: Vec<&str> = match role {
            "admin" => Permission::ALL.map(Permission::name).to_vec(),
            "manager" => areas.clone().map(Permission::name).collect(),
            "member" => member.to_vec(),
            "viewer" => vec!["reports:access"],
            _ => vec!["messages:access"],
        };
        let person = app.person_with(role, role, crate::support::PASSWORD).await;
        let browser = app.signed_in(&person).await;
        let context = app.context_of(&browser).await;
        for permission in Permission::ALL {
            let code = context.require_permission(permission).err().map(|error| error.code);
            let wanted = (!granted.contains(&permission.name())).then_some(Code::Forbidden);
            assert_eq!(code, wanted, "{role} {}", permission.name());
        }
    }
    let stranger = app.context_of(&app.browser()).await;
    for permission in Permission::ALL {
        let code = stranger.require_permission(permission).err().map(|error| error.code);
        assert_eq!(code, Some(Code::Unauthenticated), "{}", permission.name());
    }
}

async fn every_route_with_a_permission_refuses_users_without_it(app: TestApp) {
    let guarded: Vec<&Route> = ROUTES.iter().filter(|route| matches!(route.needs, Needs::Permission(_))).collect();
    assert!(!guarded.is_empty());
    let viewer = app.person_with("viewer", "viewer", crate::support::PASSWORD).await;
    let admin = app.person_with("admin", "admin", crate::support::PASSWORD).await;
    for route in guarded {
        let Needs::Permission(missing) = route.needs else { unreachable!("filtered") };
        let refused = ask(&mut app.signed_in(&viewer).await, route).await.refused(403, "forbidden");
        assert_eq!(refused["missing"], missing.name(), "{}", route.path);
        assert_ne!(ask(&mut app.signed_in(&admin).await, route).await.status, 403, "{}", route.path);
    }
}

async fn every_mutation_refuses_requests_without_a_csrf_token(app: TestApp) {
    let admin = app.person_with("admin", "admin", crate::support::PASSWORD).await;
    let signed_in = app.signed_in(&admin).await;
    for route in ROUTES.iter().filter(|route| route.allow() == "POST") {
        for mut browser in [app.browser(), signed_in.clone()] {
            // Without a session, signing out always clears the browser.
            if route.path != LOGOUT || browser.session().is_some() {
                empty(browser.fetch("POST", route.path), route).send().await.refused(403, "csrf_failed");
            }
        }
    }
    assert!(signed_in.clone().is_signed_in().await);
}

async fn reading_changes_nothing(app: TestApp) {
    let admin = app.person_with("admin", "admin", crate::support::PASSWORD).await;
    let invitation = app.invited("irmak").await;
    let signed_in = app.signed_in(&admin).await;
    let before = app.database.dump().await;
    // The export writes that it was made, and nothing else.
    let reading = ROUTES.iter().map(|route| route.path).filter(|path| *path != "/api/audit/export");
    for path in reading.chain(["/logout", "/api/nothing", "/nothing"]) {
        for method in ["GET", "HEAD", "OPTIONS"] {
            for accept in ["text/html", "application/json"] {
                for mut browser in [app.browser(), signed_in.clone()] {
                    let link = format!("{path}?token={invitation}&email=x&password=y&handle=z&id={}", admin.id);
                    let answer = browser.request(method, &link).header("accept", accept).send().await;
                    assert!(answer.status < 500, "{answer}");
                }
            }
        }
    }
    assert_eq!(app.database.dump().await, before);
}
