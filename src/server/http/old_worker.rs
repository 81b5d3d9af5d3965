//! Removes the service worker that an earlier application at this address left in browsers.
//!
//! Browsers keep such a worker, and with it the old application's pages, until its script
//! changes. This script deletes the worker's caches, unregisters it and reloads its pages. The
//! paths of old workers are in [`access::OLD_WORKERS`]. Only a browser's service worker update
//! gets the script there. All other requests for these paths get a 404.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method};

use crate::server::access;

const UNREGISTER_SCRIPT: &str = "\
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
  for (const page of await self.clients.matchAll({ type: 'window' })) {
    // Navigating to the current address with a fragment would not reload the page.
    page.navigate(page.url.split('#')[0]).catch(() => {});
  }
})()));
";

/// Whether a browser fetches the script of an installed service worker.
pub fn is_script_update(request: &Request) -> bool {
    request.method() == Method::GET
        && access::OLD_WORKERS.contains(&request.uri().path())
        && request.headers().get("service-worker").is_some_and(|asks| asks == "script")
}

/// The service worker script that unregisters itself.
pub fn unregister_script() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, UNREGISTER_SCRIPT).into_response()
}
