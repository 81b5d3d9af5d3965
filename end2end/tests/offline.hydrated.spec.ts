import { blockStorage } from "../support/storage.ts";
import { expect, test } from "../support/test.ts";

test.beforeEach(({ watch }) => watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/));

test("signing out offline empties the page at once and tells the server when online", async ({ context, page, request, server, visitor, person, anotherTab }) => {
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  const copy = { headers: { cookie: `auth-session=${await visitor.cookie("auth-session")}` } };
  await context.setOffline(true);
  await visitor.signOutButton.click();
  for (const tab of [visitor, other]) {
    await expect(tab.page.getByRole("dialog", { name: "You are signed out" })).toBeVisible();
    await expect(tab.greeting(person)).toHaveCount(0);
    expect(await tab.page.evaluate(() => document.documentElement.outerHTML)).not.toContain(person.email);
  }
  expect(await visitor.mirror()).toBeNull();
  expect((await request.get(`${server.url}/api/auth/session`, copy)).status()).toBe(200);

  await context.setOffline(false);
  for (const tab of [visitor, other]) {
    await tab.page.waitForURL("**/login");
    await tab.settled();
  }
  expect((await request.get(`${server.url}/api/auth/session`, copy)).status()).toBe(401);
  expect(await visitor.cookie("auth-session")).toBeUndefined();
  expect(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([[], []]);
});

test("the next page after an offline sign-out never shows the user", async ({ context, page, server, visitor, person, anotherTab }) => {
  // A page that is closing goes online for a moment and would tell the server of the sign-out.
  // This one must be gone before it can.
  await page.addInitScript(() => addEventListener("online", (event) => event.stopImmediatePropagation()));
  await visitor.arrive(person);
  await context.setOffline(true);
  await visitor.signOutButton.click();
  await expect(page.getByRole("dialog", { name: "You are signed out" })).toBeVisible();
  await page.close();
  await context.setOffline(false);

  const next = await anotherTab();
  await next.page.addInitScript(() => {
    const look = () => {
      const heading = document.querySelector("h1");
      if (heading?.checkVisibility() && heading.textContent?.startsWith("Hello")) {
        console.error("the user was shown");
      }
      requestAnimationFrame(look);
    };
    look();
  });
  // The page must show nothing of the user before WASM has loaded, nor after.
  let deliver = () => {};
  const delivered = new Promise<void>((done) => (deliver = done));
  await next.page.route("**/*.wasm", async (route) => {
    await delivered;
    await route.continue().catch(() => {});
  });
  await next.page.goto(server.url);
  await expect(next.page.locator("h1")).toHaveText(`Hello, ${person.name}`);
  await expect(next.page.locator("h1")).toBeHidden();
  deliver();
  await next.page.waitForURL("**/login");
  await next.settled();
  await expect(next.email).toBeVisible();
  expect(await next.cookie("auth-session")).toBeUndefined();
  expect(await next.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("a sign-out without a response empties the page and is repeated later", async ({ page, request, server, visitor, person }) => {
  await visitor.arrive(person);
  const copy = { headers: { cookie: `auth-session=${await visitor.cookie("auth-session")}` } };
  await page.route("**/api/auth/logout", () => {});
  await visitor.signOutButton.click();
  await expect(page.getByRole("dialog", { name: "You are signed out" })).toBeVisible();
  await expect(visitor.greeting(person)).toHaveCount(0);
  expect(await visitor.mirror()).toBeNull();
  expect((await request.get(`${server.url}/api/auth/session`, copy)).status()).toBe(200);

  await page.unroute("**/api/auth/logout");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForURL("**/login");
  expect((await request.get(`${server.url}/api/auth/session`, copy)).status()).toBe(401);
});

test("a leftover sign-out mark without a session does not prevent a sign-in", async ({ page, visitor, person }) => {
  await visitor.open("/login");
  await page.evaluate(() => localStorage.setItem("signing-out", "1"));
  await visitor.reload();
  await expect(visitor.email).toBeVisible();
  await visitor.signIn(person);
  await expect(visitor.greeting(person)).toBeVisible();
  await visitor.reload();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("with storage blocked, signing out offline still empties the page", async ({ context, page, visitor, person }) => {
  await blockStorage(context);
  await visitor.arrive(person);
  await context.setOffline(true);
  await visitor.signOutButton.click();
  await expect(page.getByRole("dialog", { name: "You are signed out" })).toBeVisible();
  await expect(visitor.greeting(person)).toHaveCount(0);
  await context.setOffline(false);
  await page.waitForURL("**/login");
});
