import { closeSync, fstatSync, openSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { addPerson, failSignIns } from "../support/people.ts";
import { expect, freshTest, test } from "../support/test.ts";

/** Makes an open SQLite database unreadable, as a broken disk would. */
function spoil(dir: string): void {
  const overwrite = (name: string, most: number) => {
    const file = openSync(join(dir, name), "r+");
    writeSync(file, Buffer.alloc(Math.min(most, fstatSync(file).size), 0x55), 0, undefined, 0);
    closeSync(file);
  };
  overwrite("panel.db", Number.MAX_SAFE_INTEGER);
  truncateSync(join(dir, "panel.db-wal"));
  // Without the header of the shared-memory index, connections discard their cached pages.
  overwrite("panel.db-shm", 96);
}

test("the dashboard shows the user and their permissions in words", async ({ page, server, visitor }) => {
  const person = await addPerson(server, { name: "Elif Şahin", role: "admin" });
  await visitor.arrive(person);
  await expect(page).toHaveTitle("Dashboard · Kafkasder Panel");

  const you = page.getByRole("region", { name: "You", exact: true });
  await expect(you).toContainText(person.name);
  await expect(you).toContainText(person.email);
  await expect(you).toContainText("Administrator");

  const may = page.getByRole("region", { name: "What you may do" });
  for (const words of ["Manage users", "Manage sessions", "Manage security settings", "View the audit log", "Beneficiaries", "Finance", "Partners"]) {
    await expect(may.getByRole("listitem").getByText(words, { exact: true })).toBeVisible();
  }
  await expect(page.locator("body")).not.toContainText("users:manage");
});

test("the dashboard shows the current session", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  const session = page.getByRole("region", { name: "This session" });
  await expect(session).toContainText("Chrome");
  await expect(session).toContainText("127.0.0.1");
  await expect(session).toContainText("ends after 30 minutes");
  const year = String(new Date().getUTCFullYear());
  for (const time of await session.getByRole("time").all()) {
    await expect(time).toContainText(year);
    await expect(time).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test("a remembered session is shown as remembered and without an idle timeout", async ({ page, visitor, person }) => {
  await visitor.arrive(person, { remember: true });
  const session = page.getByRole("region", { name: "This session" });
  await expect(session).toContainText("stays signed in");
  await expect(session).toContainText("Yes, on this device");
});

test("the dashboard shows the previous sign-in and failed attempts since then", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  const history = page.getByRole("region", { name: "Sign-ins" });
  await expect(history).toContainText("This is your first sign-in.");
  await expect(history).toContainText("None. All is quiet.");
  await visitor.signOut();

  await failSignIns(server, person.email, 3);
  await visitor.signIn(person);
  await expect(history).not.toContainText("This is your first sign-in.");
  await expect(history).toContainText("If this was not you, please tell an administrator.");
  await expect(history.getByRole("listitem")).toHaveCount(3);
  await expect(history.getByRole("listitem").first()).toContainText("127.0.0.1");
});

test("the navigation shows only pages that exist", async ({ page, server, visitor }) => {
  await visitor.arrive(await addPerson(server, { role: "admin" }));
  const links = page.getByRole("navigation").getByRole("link");
  await expect(links).toHaveText(["Dashboard", "Account", "People", "Roles", "Sessions", "Lockouts", "Records", "Settings"]);
  await expect(links.first()).toHaveAttribute("aria-current", "page");
  for (const link of await page.getByRole("link").all()) {
    const href = await link.getAttribute("href");
    expect(["/", "/account", "/users", "/roles", "/sessions", "/lockouts", "/audit", "/settings", "#main"]).toContain(href?.split("?")[0]);
  }
});

for (const path of ["/nothing", "/users/nobody", "/role", "/a/b/c?d=e"]) {
  test(`${path} is not found, and the page links to the front page`, async ({ page, server, visitor, watch }) => {
    const pathname = path.split("?")[0] ?? path;
    watch.expectPage(404, pathname);
    const person = await addPerson(server, { role: "admin" });
    await visitor.arrive(person);
    const answer = await visitor.open(path);
    expect(answer?.status()).toBe(404);
    await expect(page).toHaveTitle("Page not found · Kafkasder Panel");
    await expect(page.getByRole("heading", { level: 1, name: "Page not found" })).toBeVisible();
    await expect(page.getByText(person.name, { exact: true })).toBeVisible();
    await expect(visitor.signOutButton).toBeVisible();
    await page.getByRole("link", { name: "Go to the front page" }).click();
    await expect(visitor.greeting(person)).toBeVisible();
  });
}

test("signing out works on a page that does not exist", async ({ page, visitor, watch, person }) => {
  watch.expectPage(404, "/nothing");
  await visitor.arrive(person);
  await visitor.open("/nothing");
  await visitor.signOutButton.click();
  await page.waitForURL(/\/login/);
  expect(await visitor.cookie("auth-session")).toBeUndefined();
});

test("an unknown path without a session redirects to the login", async ({ page, visitor, server }) => {
  await visitor.open("/nothing?at=all");
  await expect(page).toHaveURL(`${server.url}/login?redirect=${encodeURIComponent("/nothing?at=all")}`);
});

freshTest("during a database outage the page says so and keeps the session", async ({ page, server, visitor, watch, person, scripted }) => {
  await visitor.arrive(person);
  const cookie = await visitor.cookie("auth-session");
  spoil(server.dir);
  watch.expectPage(503, "/");
  const answer = await visitor.reload();
  expect(answer?.status()).toBe(503);
  expect(await answer?.headerValue("retry-after")).not.toBeNull();
  await expect(page.getByRole("heading", { level: 1, name: "Back in a moment" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Try again" })).toBeVisible();
  expect(await visitor.cookie("auth-session")).toBe(cookie);
  if (scripted) {
    // The mirror still provides the user's name and the sign-out button.
    await expect(page.getByText(person.name, { exact: true })).toBeVisible();
    await expect(visitor.signOutButton).toBeVisible();
  }
});
