import type { BrowserContext, Request } from "@playwright/test";
import { FIREFOX, revokeSessions, signInElsewhere } from "../support/people.ts";
import { expect, freshTest, test } from "../support/test.ts";

/** The promise is "within one second". */
const AT_ONCE = { timeout: 1000 };

/** Counts the event streams that a browser opens. */
function streams(context: BrowserContext): { opened: number } {
  const seen = { opened: 0 };
  context.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/auth/events") {
      seen.opened += 1;
    }
  });
  return seen;
}

/** A promise that another part of the test resolves. */
function latch(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test("ten tabs share one event stream", async ({ context, server, visitor, person, tabs }) => {
  test.slow();
  const opening = streams(context);
  await visitor.arrive(person);
  const all = await tabs(10);
  expect(opening.opened).toBe(1);
  await revokeSessions(server, person);
  for (const tab of all) {
    await expect(tab.cover).toBeVisible();
  }
});

test("a sign-out cancels a stream that is still being opened", async ({ page, visitor, person }) => {
  const [asked, ended, answered] = [latch(), latch(), latch()];
  const settled = (request: Request) => new URL(request.url()).pathname === "/api/auth/events" && answered.open();
  page.on("requestfailed", settled);
  page.on("response", (response) => settled(response.request()));
  // The stream's request reaches the server after the session has ended. The page gets the
  // logout's response only after the stream's response.
  await page.route("**/api/auth/events*", async (route) => {
    asked.open();
    await ended.opened;
    await route.continue();
  });
  await page.route("**/api/auth/logout", async (route) => {
    const response = await route.fetch();
    ended.open();
    await answered.opened;
    await route.fulfill({ response });
  });
  await visitor.open("/login");
  await visitor.signIn(person);
  await asked.opened;
  // A refused stream would appear on the console, which fails the test.
  await visitor.signOut();
});

test("when the tab with the stream closes, another tab opens one", async ({ context, page, server, visitor, person, anotherTab }) => {
  const opening = streams(context);
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  expect(opening.opened).toBe(1);
  await page.close();
  await expect.poll(() => opening.opened).toBe(2);
  await revokeSessions(server, person);
  await expect(other.cover).toBeVisible();
});

test("a session ended on another device empties open tabs within a second", async ({ page, server, visitor, person, anotherTab, anotherBrowser }) => {
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  const device = (await anotherBrowser()).request;
  const post = async (path: string, data?: object) => {
    const { token } = (await (await device.get("/api/csrf")).json()) as { token: string };
    return device.post(path, { headers: { "x-csrf-token": token }, ...(data && { data }) });
  };
  expect((await post("/api/auth/login", { email: person.email, password: person.password })).status()).toBe(200);
  await expect(page.getByText(/New sign-in to your account/)).toBeVisible();
  expect((await post("/api/account/sessions/end-others")).status()).toBe(200);
  await Promise.all([visitor, other].map((tab) => expect(tab.greeting(person)).toBeHidden(AT_ONCE)));
  for (const tab of [visitor, other]) {
    await expect(tab.cover).toContainText(/You ended this session on \d+ \w+ \d{4}, \d\d:\d\d, from Chrome \d+ · Windows\./);
  }
  expect((await page.request.get(`${server.url}/api/auth/session`)).status()).toBe(401);
});

test("a sign-out with a copy of the cookie leads to the login page", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  const [session, token] = [await visitor.cookie("auth-session"), await visitor.cookie("csrf-token")];
  const ended = await fetch(`${server.url}/api/auth/logout`, {
    method: "POST",
    headers: { "x-csrf-token": token ?? "", cookie: `auth-session=${session}; csrf-token=${token}` },
  });
  expect(ended.status).toBe(200);
  await page.waitForURL("**/login");
});

test("a new sign-in is announced in every tab and dismissed in all", async ({ page, server, visitor, person, anotherTab }) => {
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  await signInElsewhere(server, person, [FIREFOX]);
  for (const tab of [visitor, other]) {
    await expect(tab.page.getByText(/New sign-in to your account: .*Firefox.*, 127\.0\.0\.1/)).toBeVisible();
    await expect(tab.page.getByRole("button", { name: "Not me: end it and change the password" })).toBeVisible();
  }
  await page.getByRole("button", { name: "It was me" }).click();
  for (const tab of [visitor, other]) {
    await expect(tab.page.getByText(/New sign-in/)).toHaveCount(0);
  }
});

test("the user's own sign-in is not announced", async ({ page, server, visitor, person }) => {
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (/New sign-in[^\n]*Chrome/.test(document.body?.innerText ?? "")) {
        console.error("the user's own sign-in was announced");
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await visitor.arrive(person);
  await visitor.signOut();
  await visitor.listening(() => visitor.signIn(person));
  // Events are ordered: the user's own sign-in would have been announced before this one.
  await signInElsewhere(server, person, [FIREFOX]);
  await expect(page.getByText(/New sign-in.*Firefox/)).toBeVisible();
});

for (const [words, hide] of [
  ["without Web Locks", () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined })],
  ["without a BroadcastChannel", () => Reflect.deleteProperty(window, "BroadcastChannel")],
] as const) {
  test(`${words} the visible tab opens its own stream`, async ({ context, server, visitor, person }) => {
    await context.addInitScript(hide);
    await visitor.arrive(person);
    await revokeSessions(server, person);
    await expect(visitor.cover).toBeVisible();
  });
}

freshTest("after a server restart the stream reconnects and the page catches up", async ({ context, server, visitor, person, watch }) => {
  watch.expectCall(401, "GET /api/auth/session");
  await visitor.arrive(person);
  await server.stop();
  await revokeSessions(server, person);
  await server.restart();
  await expect(visitor.cover).toContainText("ended on another device");
  const opening = streams(context);
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await expect(visitor.greeting(person)).toBeVisible();
  await expect.poll(() => opening.opened).toBe(1);
});

test("a login page has no stream", async ({ context, visitor }) => {
  const opening = streams(context);
  await visitor.open("/login");
  await visitor.asked();
  expect(opening.opened).toBe(0);
});

test("an action that needs a recent sign-in asks for the password and runs once", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(422, "POST /api/auth/confirm");
  watch.expectCall(403, "POST /api/account/sessions/end");
  watch.expectCall(403, "POST /api/account/sessions/end");
  const asked: string[] = [];
  const answers = [403, 403, 200];
  await page.route("**/api/account/sessions/end", async (route) => {
    asked.push(route.request().postData() ?? "");
    const status = answers.shift() ?? 500;
    const json = status === 200 ? { success: true, data: { ended: 1 } } : { success: false, error: "Please confirm.", code: "reauth_required" };
    await route.fulfill({ status, json });
  });
  await visitor.arrive(person);
  await page.route(/\/account(#.*)?$/, (route) => route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }));
  const draft = await visitor.draft("kept");
  await signInElsewhere(server, person, [FIREFOX]);
  const notMe = page.getByRole("button", { name: "Not me: end it and change the password" });
  const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });

  await notMe.click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("Please confirm your password first.")).toBeVisible();
  await expect(draft).toHaveValue("kept");

  await notMe.click();
  // Password managers need to know the account of the password.
  await expect(dialog.locator('input[autocomplete="username"]')).toHaveValue(person.email);
  await visitor.password.fill("not the password");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(visitor.password).toHaveAccessibleDescription(/That is not your password/);
  await visitor.password.fill(person.password);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL(/\/account#password$/);
  expect(asked).toHaveLength(3);
  expect(new Set(asked).size).toBe(1);
});

test("an action that finds the session ended runs once after the sign-in", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(401, "POST /api/account/sessions/end");
  let asked = 0;
  await visitor.arrive(person);
  // Without a stream, the request itself discovers that the session has ended.
  await page.addInitScript(() => {
    Object.assign(window, { EventSource: class { addEventListener() {} close() {} } });
  });
  await visitor.reload();
  await page.route(/\/account(#.*)?$/, (route) => route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }));
  await page.route("**/api/account/sessions/end", async (route) => {
    asked += 1;
    if (asked === 1) {
      await route.continue();
    } else {
      await route.fulfill({ json: { success: true, data: { ended: 1 } } });
    }
  });
  await page.evaluate(() => {
    const channel = new BroadcastChannel("panel");
    channel.postMessage('signed-in {"handle":"sid_x","device":"Firefox","address":"192.0.2.1"}');
    channel.close();
  });
  await revokeSessions(server, person);
  await page.getByRole("button", { name: "Not me: end it and change the password" }).click();
  await expect(visitor.cover).toBeVisible();
  expect(asked).toBe(1);
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await page.waitForURL(/\/account#password$/);
  expect(asked).toBe(2);
});

/** Waits until another stream is requested. */
async function nextStream(context: BrowserContext): Promise<Request> {
  return context.waitForEvent("request", { predicate: (request) => new URL(request.url()).pathname === "/api/auth/events", timeout: 20_000 });
}

test("a tab blocked by an alert does not keep other tabs from receiving events", async ({ context, page, server, visitor, person, anotherTab, watch }) => {
  test.slow();
  // After it hung, the tab checks its session instead of trusting what it last heard.
  watch.mayRefuse("401 GET /api/auth/session");
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");

  const takesOver = nextStream(context);
  const [dialog] = await Promise.all([page.waitForEvent("dialog"), page.evaluate(() => void setTimeout(() => alert("Is anybody there?")))]);
  const stream = await takesOver;
  await expect.poll(async () => (await stream.response())?.status()).toBe(200);
  await signInElsewhere(server, person, [FIREFOX]);
  await expect(other.page.getByText(/New sign-in to your account: .*Firefox/)).toBeVisible();
  await other.page.getByRole("button", { name: "It was me" }).click();
  await expect(other.page.getByText(/New sign-in/)).toHaveCount(0);

  // The tab responds again: the other tab closes its stream, and the dismissed notice stays dismissed.
  const closed = context.waitForEvent("requestfailed", { predicate: (request) => request === stream, timeout: 20_000 });
  await dialog.dismiss();
  await closed;
  await Promise.all([visitor.asked(), other.asked()]);
  await expect(other.page.getByText(/New sign-in/)).toHaveCount(0);
  await revokeSessions(server, person);
  for (const tab of [visitor, other]) {
    await expect(tab.cover).toBeVisible();
  }
});

test("a tab that hung ignores outdated events: a later sign-in stays", async ({ context, page, server, visitor, person, anotherTab, watch }) => {
  test.slow();
  watch.mayRefuse("401 GET /api/auth/session");
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  const takesOver = nextStream(context);
  await page.evaluate(() => {
    const hang = () => {
      const end = Date.now() + 20_000;
      while (Date.now() < end) {}
      Object.assign(window, { hung: true });
    };
    setTimeout(hang);
  });
  const stream = await takesOver;
  await expect.poll(async () => (await stream.response())?.status()).toBe(200);
  await revokeSessions(server, person);
  await expect(other.cover).toBeVisible(AT_ONCE);
  await other.password.fill(person.password);
  await other.signInButton.click();
  await expect(other.greeting(person)).toBeVisible();
  await expect(other.cover).toHaveCount(0);

  await page.waitForFunction(() => "hung" in window, undefined, { timeout: 30_000 });
  await Promise.all([visitor.asked(), other.asked()]);
  for (const tab of [visitor, other]) {
    await expect(tab.greeting(person)).toBeVisible();
    await expect(tab.cover).toHaveCount(0);
  }
});
