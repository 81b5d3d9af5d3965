//! The last answer to a service worker of the application that was at this
//! address before.
//!
//! Browsers keep such a worker, and with it the old application's pages, until a
//! request for its script is answered by another one. Ours empties its caches,
//! unregisters itself and loads its pages anew; then nothing is left of it. Old
//! workers go by the names in [`access::OLD_WORKERS`]; asked for by anybody but a browser's
//! worker machinery, these are paths like any other that is not there.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method};

use crate::server::access;

const FAREWELL: &str = "\
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
  for (const page of await self.clients.matchAll({ type: 'window' })) {
    // With a fragment, going to the same address loads nothing.
    page.navigate(page.url.split('#')[0]).catch(() => {});
  }
})()));
";

/// Whether a browser asks for the script of a service worker that it has.
pub fn is_asked_for(request: &Request) -> bool {
    request.method() == Method::GET
        && access::OLD_WORKERS.contains(&request.uri().path())
        && request.headers().get("service-worker").is_some_and(|asks| asks == "script")
}

/// The worker that ends itself.
pub fn farewell() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, FAREWELL).into_response()
}
