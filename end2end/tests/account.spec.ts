import { failSignIns } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

const NEW = "bozkırda sessiz bir tren 12 vagon";

test("every session is described, and the current one is marked", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  const phone = new Visitor(
    await (
      await anotherBrowser({
        userAgent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
      })
    ).newPage(),
    server,
    scripted,
  );
  await phone.arrive(person, { remember: true });
  await visitor.arrive(person);
  await page.getByRole("navigation").getByRole("link", { name: "Account" }).click();
  await visitor.settled();
  await expect(page).toHaveTitle("Account · Kafkasder Panel");

  const cards = page.getByRole("region", { name: "Where you are signed in" }).getByRole("listitem");
  await expect(cards).toHaveCount(2);
  await expect(cards.first()).toContainText("This browser");
  await expect(cards.first()).toContainText("Windows");
  await expect(cards.first().getByRole("button")).toHaveCount(0);
  await expect(cards.last()).toContainText("Chrome 156 · Android");
  await expect(cards.last()).toContainText("127.0.0.1");
  await expect(cards.last()).toContainText("stays signed in");
  await expect(cards.last()).toContainText("Yes, on this device");
  await expect(cards.last()).not.toContainText("This browser");
});

test("a session ended from another browser is signed out at its next request", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Where you are signed in" });
  await section.getByRole("listitem").last().getByRole("button", { name: /^End/ }).click();
  await expect(section.getByRole("status")).toHaveText("One session was ended.");
  await visitor.settled();
  await expect(section.getByRole("listitem")).toHaveCount(1);
  await expect(section).toContainText("You are signed in nowhere else.");
  if (scripted) {
    await expect(page).toHaveURL(`${server.url}/account`);
    await expect(section.getByRole("heading", { level: 2 })).toBeFocused();
  }

  await page.locator("#ended summary").click();
  const ended = page.locator("#ended .log-row").first();
  await expect(ended).toContainText("Ended from another device");
  await expect(ended).toContainText(person.name);

  await other.reload();
  await expect(other.page).toHaveURL(/\/login/);
  expect(await other.cookie("auth-session")).toBeUndefined();
});

test("all other sessions can be ended at once", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  const others: Visitor[] = [];
  for (let i = 0; i < 2; i += 1) {
    const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
    await other.arrive(person);
    others.push(other);
  }
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Where you are signed in" });
  await section.getByRole("button", { name: "End all others" }).click();
  await expect(section.getByRole("status")).toHaveText("2 sessions were ended.");
  await expect(section.getByRole("button", { name: "End all others" })).toHaveCount(0);
  for (const other of others) {
    await other.reload();
    await expect(other.page).toHaveURL(/\/login/);
  }
  await visitor.reload();
  await expect(page).toHaveURL(/\/account/);
});

test("ending all sessions also signs this browser out", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  await visitor.arrive(person);
  await visitor.open("/account");
  await page.getByRole("button", { name: "End all and sign out" }).click();
  await page.waitForURL("**/login");
  await visitor.settled();
  expect(await visitor.cookie("auth-session")).toBeUndefined();
  if (scripted) {
    expect(await visitor.mirror()).toBeNull();
  }
  await other.reload();
  await expect(other.page).toHaveURL(/\/login/);
});

test("changing the password ends the other sessions", async ({ page, server, visitor, person, watch, anotherBrowser, scripted }) => {
  watch.expectCall(401, "POST /api/auth/login");
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  await visitor.arrive(person);
  await visitor.open("/account");
  const before = await visitor.cookie("auth-session");
  const section = page.getByRole("region", { name: "Change your password" });
  await section.getByLabel("Current password").fill(person.password);
  await section.getByLabel("New password", { exact: true }).fill(NEW);
  await section.getByRole("button", { name: "Change the password" }).click();
  await expect(section.getByRole("status").first()).toHaveText("Your password was changed. One session was ended.");
  await visitor.settled();
  await expect(section.getByLabel("Current password")).toHaveValue("");
  await expect(section.getByLabel("New password", { exact: true })).toHaveValue("");
  expect(await visitor.cookie("auth-session")).not.toBe(before);

  await other.reload();
  await expect(other.page).toHaveURL(/\/login/);
  await other.tryToSignIn(person);
  await expect(other.alert).toContainText("Wrong email or password.");
  await other.signIn({ ...person, password: NEW });
  await visitor.reload();
  await expect(page).toHaveURL(/\/account/);
});

test("a password error is shown at its field", async ({ page, visitor, person, watch }) => {
  watch.expectCall(422, "POST /api/account/password");
  watch.expectCall(422, "POST /api/account/password");
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Change your password" });
  const [current, next] = [section.getByLabel("Current password"), section.getByLabel("New password", { exact: true })];
  const send = section.getByRole("button", { name: "Change the password" });
  await current.fill("not the password");
  await next.fill(NEW);
  await send.click();
  await expect(section.locator("#currentPassword-error")).toContainText("That is not your password.");
  await visitor.settled();
  await expect(current).toBeFocused();
  await current.fill(person.password);
  await next.fill("short");
  await send.click();
  await expect(section.locator("#newPassword-error")).toContainText("Use at least 15 characters.");
  await visitor.settled();
  await expect(next).toBeFocused();
});

test("the user's sign-in history shows failed attempts", async ({ page, server, visitor, person }) => {
  await failSignIns(server, person.email, 2);
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Sign-ins" });
  await expect(section.getByRole("listitem")).toHaveCount(3);
  await expect(section.getByRole("listitem").first()).toContainText("Signed in");
  await expect(section.getByRole("listitem").last()).toContainText("Failed attempt");
});
