import { expect, test } from "../support/test.ts";

test("the program is requested after the first paint, last and at low priority", async ({ page, visitor }) => {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  const asked: { path: string; priority: string }[] = [];
  browser.on("Network.requestWillBeSent", ({ request }) => asked.push({ path: new URL(request.url).pathname, priority: request.initialPriority }));
  await visitor.open("/login");
  const program = asked.find(({ path }) => path.endsWith(".wasm"));
  expect(program?.priority).toBe("Low");
  expect(asked.findIndex(({ path }) => path.endsWith(".css"))).toBeLessThan(asked.findIndex(({ path }) => path.endsWith(".wasm")));
  const times = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const of = (end: string) => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(end)).map(({ startTime }) => startTime);
    const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity;
    return { painted, loaded: navigation?.loadEventStart ?? Infinity, wasm: of(".wasm"), js: of(".js") };
  });
  for (const start of [...times.wasm, ...times.js]) {
    expect(start).toBeGreaterThanOrEqual(times.painted);
    expect(start).toBeGreaterThanOrEqual(times.loaded);
  }
  expect([times.wasm.length, times.js.length]).toEqual([1, 1]);
  // No markup preloads the program.
  expect(await page.locator("link[rel=preload], link[rel=modulepreload]").count()).toBe(0);
});

test("a tab opened in the background loads its program, too", async ({ page, visitor }) => {
  await page.addInitScript(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    Object.assign(window, { requestAnimationFrame: () => 0 });
  });
  await visitor.open("/login");
});

test("a form sent before the program has loaded is plain HTML, and the next page shows the result", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await page.route("**/*.wasm", () => {});
  await page.goto(`${server.url}/account`);
  await page.getByLabel("Name").fill("Ayşe Demir");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.waitForURL("**/account?saved=profile*");
  await expect(page.getByText("Your profile has been saved.")).toBeVisible();
  await expect(page.getByRole("banner")).toContainText("Ayşe Demir");
});

test("a browser that is never idle starts the program all the same", async ({ page, visitor }) => {
  await page.addInitScript(() => {
    window.requestIdleCallback = (run, options) => (options?.timeout ? Number(setTimeout(run, options.timeout)) : 0);
  });
  await visitor.open("/login");
});
