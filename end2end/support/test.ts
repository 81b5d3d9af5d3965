import { type BrowserContext, type BrowserContextOptions, type Page, expect, test as base } from "@playwright/test";
import { type Person, addPerson } from "./people.ts";
import { Server } from "./server.ts";
import { Visitor } from "./visitor.ts";
import { Watch } from "./watch.ts";

interface PerTest {
  /** The test's server. Tests of a worker share one; `freshTest` starts a new one. */
  server: Server;
  /** Fails the test when a browser complains. */
  watch: Watch;
  /** A user at `page`. */
  visitor: Visitor;
  /** A member of staff with a password, added for this test. */
  person: Person;
  /** Whether pages run scripts. */
  scripted: boolean;
  /** Opens another browser on the same server, which is watched too. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** Opens another tab of the same browser. */
  anotherTab: () => Promise<Visitor>;
  /** Returns `count` tabs of this browser. The first one is `page`; the others open the dashboard. */
  tabs: (count: number) => Promise<Visitor[]>;
}

interface PerWorker {
  shared: Server;
}

export const test = base.extend<PerTest, PerWorker>({
  shared: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.remove();
    },
    { scope: "worker" },
  ],
  server: async ({ shared }, use) => use(shared),
  baseURL: async ({ server }, use) => use(server.url),
  scripted: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled ?? true),
  watch: async ({ server, scripted }, use) => {
    const watch = new Watch(server.url, scripted);
    await use(watch);
    watch.check();
  },
  context: async ({ context, watch }, use) => {
    await watch.follow(context);
    await use(context);
  },
  visitor: async ({ page, server, scripted }, use) => use(new Visitor(page, server, scripted)),
  person: async ({ server }, use) => use(await addPerson(server)),
  anotherBrowser: async ({ browser, baseURL, watch, javaScriptEnabled }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL, javaScriptEnabled, ...options });
      contexts.push(context);
      await watch.follow(context);
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
  anotherTab: async ({ context, server, scripted }, use) => use(async () => new Visitor(await context.newPage(), server, scripted)),
  tabs: async ({ visitor, anotherTab }, use) =>
    use(async (count) => {
      const tabs = [visitor];
      while (tabs.length < count) {
        const tab = await anotherTab();
        await tab.open("/");
        tabs.push(tab);
      }
      return tabs;
    }),
});

/** For tests that can't share a server: set-up, restarts, settings. */
export const freshTest = test.extend({
  server: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.remove();
  },
});

export { expect, type Page };
