import type { BrowserContext } from "@playwright/test";
import { addPerson, revokeSessions } from "../support/people.ts";
import { expect, test } from "../support/test.ts";

/** Counts the browser's POST requests to a path. */
function posts(context: BrowserContext, path: string): { count: number } {
  const seen = { count: 0 };
  context.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname === path) {
      seen.count += 1;
    }
  });
  return seen;
}

/** Past the idle timeout of thirty minutes, within the minute by which activity is rounded. */
const SOON_IDLE = "30:05";

test.describe("the last minute", () => {
  for (const [words, skew] of [
    ["", 0],
    [" with a clock ten minutes behind", -600_000],
    [" with a clock ten minutes ahead", 600_000],
  ] as const) {
    test(`is counted down in every tab, and one click closes the dialog in all${words}`, async ({ page, visitor, person, anotherTab }) => {
      await page.clock.install({ time: Date.now() + skew });
      await visitor.arrive(person);
      const other = await anotherTab();
      await other.open("/");
      await page.clock.fastForward("29:30");
      await expect(visitor.warning).toHaveCount(0);

      await page.clock.fastForward("00:50");
      for (const tab of [visitor, other]) {
        await expect(tab.warning).toBeVisible();
        await expect(tab.warning.getByRole("timer")).toHaveText(/^0:[1-5]\d$/);
      }
      await other.page.getByRole("button", { name: "Stay signed in" }).click();
      for (const tab of [visitor, other]) {
        await expect(tab.warning).toHaveCount(0);
        await expect(tab.greeting(person)).toBeVisible();
      }
      await page.clock.fastForward("29:00");
      await expect(visitor.warning).toHaveCount(0);
    });
  }

  test("traps the focus, is announced in steps, and only the button extends the session", async ({ context, page, visitor, person }) => {
    await page.clock.install();
    await visitor.arrive(person);
    const extended = posts(context, "/api/auth/extend");
    await page.clock.fastForward(SOON_IDLE);
    const stay = visitor.warning.getByRole("button", { name: "Stay signed in" });
    await expect(stay).toBeFocused();
    for (const key of ["Tab", "Tab", "Tab", "Shift+Tab"]) {
      await page.keyboard.press(key);
      expect(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement?.closest("dialog"))).toBe(true);
    }
    await page.mouse.move(40, 40);
    await page.mouse.click(5, 5);
    await page.mouse.wheel(0, 200);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("a");
    await expect(visitor.warning).toBeVisible();
    expect(extended.count).toBe(0);

    const spoken = visitor.warning.getByRole("status");
    await expect(spoken).toHaveText(/^$|30 seconds left\./);
    await page.clock.fastForward("00:20");
    await expect(spoken).toHaveText(/^(30|10) seconds left\.$/);
    await stay.click();
    await expect(visitor.warning).toHaveCount(0);
    expect(extended.count).toBe(1);
  });

  test("offers to sign out", async ({ page, visitor, person }) => {
    await page.clock.install();
    await visitor.arrive(person);
    await page.clock.fastForward(SOON_IDLE);
    await visitor.warning.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/login");
  });

  test("of a session that cannot be extended leads to a new sign-in on the same page", async ({ page, visitor, person }) => {
    await page.clock.install();
    await visitor.arrive(person, { remember: true });
    const draft = await visitor.draft("half a letter");
    await page.clock.fastForward(30 * 86_400_000 - 30_000);
    await expect(visitor.warning).toContainText("cannot be extended");
    await expect(visitor.warning.getByRole("button", { name: "Stay signed in" })).toHaveCount(0);
    await visitor.warning.getByRole("button", { name: "Sign in again now" }).click();
    await expect(visitor.cover).toBeVisible();
    await expect(visitor.rememberMe).toBeChecked();
    await visitor.password.fill(person.password);
    await visitor.signInButton.click();
    await expect(visitor.cover).toHaveCount(0);
    await expect(visitor.warning).toHaveCount(0);
    await expect(draft).toHaveValue("half a letter");
    await expect(visitor.greeting(person)).toBeVisible();
  });
});

test("only user activity extends a session, at most once a minute", async ({ context, page, visitor, person }) => {
  await page.clock.install();
  await visitor.arrive(person);
  const extended = posts(context, "/api/auth/extend");
  await page.clock.fastForward("05:00");
  await visitor.lookAgain();
  await page.evaluate(() => {
    for (const name of ["pointerdown", "keydown", "touchstart", "wheel", "scroll"]) {
      dispatchEvent(new Event(name, { bubbles: true }));
    }
  });
  await page.mouse.move(100, 100);
  await page.mouse.move(200, 200);
  await visitor.asked();
  expect(extended.count).toBe(0);

  await page.mouse.click(5, 300);
  await expect.poll(() => extended.count).toBe(1);
  await page.keyboard.press("a");
  await page.mouse.click(5, 300);
  await page.clock.fastForward("00:30");
  await page.mouse.click(5, 300);
  await visitor.asked();
  expect(extended.count).toBe(1);
  await page.clock.fastForward("00:31");
  await page.keyboard.press("a");
  await expect.poll(() => extended.count).toBe(2);
});

test("a remembered session needs no heartbeat", async ({ context, page, visitor, person }) => {
  await page.clock.install();
  await visitor.arrive(person, { remember: true });
  const extended = posts(context, "/api/auth/extend");
  await page.clock.fastForward("05:00");
  await page.mouse.click(5, 300);
  await visitor.asked();
  expect(extended.count).toBe(0);
});

test.describe("a session that has ended", () => {
  test("covers the page with the reason, and the same user continues after signing in", async ({ page, server, visitor, person, watch, anotherTab }) => {
    watch.expectCall(401, "POST /api/auth/login");
    await visitor.arrive(person);
    const other = await anotherTab();
    await other.open("/");
    const drafts = [await visitor.draft("first half"), await other.draft("second half")];
    await revokeSessions(server, person);
    await Promise.all([expect(visitor.cover).toBeVisible(), expect(other.cover).toBeVisible()]);
    for (const tab of [visitor, other]) {
      await expect(tab.cover).toContainText(/An administrator ended this session on \d+ \w+ \d{4}, \d\d:\d\d\./);
      await expect(tab.greeting(person)).toHaveCount(0);
      await expect(tab.signOutButton).toHaveCount(0);
      await expect(tab.page.getByLabel("Draft")).toBeHidden();
      expect(await tab.mirror()).toBeNull();
    }
    await expect(visitor.email).toHaveValue(person.email);
    await expect(visitor.email).not.toBeEditable();
    await expect(visitor.password).toBeFocused();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(visitor.cover).toBeVisible();

    await visitor.password.fill("not the password");
    await visitor.signInButton.click();
    await expect(visitor.alert).toContainText("Wrong email or password.");
    await visitor.password.fill(person.password);
    await visitor.signInButton.click();
    for (const [i, tab] of [visitor, other].entries()) {
      await expect(tab.cover).toHaveCount(0);
      await expect(tab.greeting(person)).toBeVisible();
      await expect(drafts[i]!).toHaveValue(i === 0 ? "first half" : "second half");
      await expect(drafts[i]!).toBeVisible();
    }
    expect(JSON.parse((await visitor.mirror()) ?? "null")).toMatchObject({ userId: person.id });
    // The focus has returned to the field.
    await expect(drafts[0]!).toBeFocused();
    await visitor.signOut();
  });

  test("shows nothing of the page to another user", async ({ page, server, visitor, person }) => {
    const next = await addPerson(server, { name: "Mehmet Öz", role: "viewer" });
    await visitor.arrive(person);
    await visitor.draft("a secret");
    await revokeSessions(server, person);
    await visitor.cover.getByRole("button", { name: "Use another account" }).click();
    await page.waitForURL("**/login");
    await visitor.settled();
    await visitor.signIn(next);
    await expect(visitor.greeting(next)).toBeVisible();
    await expect(page.getByLabel("Draft")).toHaveCount(0);
    await expect(page.locator("body")).not.toContainText(person.name);
    await page.goBack().catch(() => {});
    await expect(page.locator("body")).not.toContainText("a secret");
  });

  test("because the account was disabled says so", async ({ server, visitor, person, watch }) => {
    watch.expectCall(403, "POST /api/auth/login");
    await visitor.arrive(person);
    await server.cli(["user", "disable", person.email]);
    await expect(visitor.cover).toContainText("Your account was disabled.");
    await visitor.password.fill(person.password);
    await visitor.signInButton.click();
    await expect(visitor.alert).toContainText("This account is not active.");
  });

  test("is covered in Turkish too", async ({ anotherBrowser, server, person }) => {
    const context = await anotherBrowser({ locale: "tr-TR" });
    const page = await context.newPage();
    await page.goto("/login");
    await page.locator("[name=email]").fill(person.email);
    await page.locator("[name=password]").fill(person.password);
    const listening = page.waitForResponse("**/api/auth/events*");
    await page.locator("form button[type=submit]").click();
    await page.waitForURL(`${server.url}/`);
    await listening;
    await revokeSessions(server, person);
    await expect(page.getByRole("dialog", { name: "Devam etmek için giriş yapın" })).toBeVisible();
  });
});

test("an offline page covers itself after the idle timeout", async ({ context, page, visitor, person, watch }) => {
  watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/);
  await page.clock.install();
  await visitor.arrive(person);
  await context.setOffline(true);
  await page.clock.fastForward("31:30");
  await expect(visitor.cover).toContainText("because nothing was done here for a while");
  await expect(visitor.greeting(person)).toHaveCount(0);
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await expect(visitor.alert).toContainText("The server cannot be reached.");
  await context.setOffline(false);
  await visitor.signInButton.click();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("tabs that reload concurrently stay signed in", async ({ visitor, person, anotherTab }) => {
  await visitor.arrive(person);
  const tabs = [visitor, await anotherTab(), await anotherTab()];
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(tabs.map((tab) => tab.open("/")));
  }
  for (const tab of tabs) {
    await expect(tab.greeting(person)).toBeVisible();
    await expect(tab.cover).toHaveCount(0);
  }
});
