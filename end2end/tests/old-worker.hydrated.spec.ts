import { Front } from "../support/front.ts";
import { addPerson } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

/** A service worker that serves every page from its cache, as application shells do. */
const OLD_WORKER = `
self.addEventListener("install", (event) => event.waitUntil(
  caches.open("old").then((cache) => cache.addAll(["/", "/login"])).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(
  caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request))));
`;

const oldPage = (script: string) =>
  `<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Old</title><h1>The old panel</h1>
   <script>navigator.serviceWorker.register("${script}")</script></html>`;

for (const script of ["/sw.js", "/service-worker.js", "/serviceworker.js"]) {
  test(`an old application's service worker and caches remove themselves: ${script}`, async ({ page, watch }) => {
    const front = await Front.start();
    try {
      watch.allowSite(front.url);
      front.instead = (asked, answer) => {
        const worker = asked.url === script;
        answer.writeHead(200, { "content-type": worker ? "text/javascript" : "text/html; charset=utf-8" });
        answer.end(worker ? OLD_WORKER : oldPage(script));
        return true;
      };
      await page.goto(`${front.url}/login`);
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
        while (!navigator.serviceWorker.controller) {
          await new Promise((wait) => navigator.serviceWorker.addEventListener("controllerchange", wait, { once: true }));
        }
      });

      // The panel replaces the old application.
      front.instead = () => false;
      const visitor = new Visitor(page, front.server, true);
      // Going to the same URL with a fragment would not reload the page.
      await page.goto(`${front.url}/#kept`);
      await expect(page.getByRole("heading", { name: "Welcome" })).toBeVisible();
      await visitor.settled();
      const left = () => page.evaluate(async () => [...(await caches.keys()), ...(await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)]);
      await expect.poll(left).toEqual([]);
      await visitor.signIn(await addPerson(front.server));
      await expect(page.getByText("The old panel")).toHaveCount(0);
    } finally {
      await page.goto("about:blank");
      await front.close();
    }
  });
}
