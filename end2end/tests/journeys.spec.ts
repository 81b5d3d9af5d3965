import { invitePerson } from "../support/people.ts";
import { expect, freshTest, test } from "../support/test.ts";
import type { Visitor } from "../support/visitor.ts";

const administrator = { name: "Zeynep Kaya", email: "zeynep@dernek.example", password: "yedi küçük balık denizde" };

const deadLink = "This link has been used or has expired. Please ask for a new one.";

freshTest("the set-up link creates the first administrator, and only once", async ({ server, page, visitor, anotherTab, watch }) => {
  const link = server.setupLink();
  const fill = async ({ page, email, password }: Visitor, address: string) => {
    await expect(page.getByRole("heading", { name: "Set up the panel" })).toBeVisible();
    await page.getByLabel("Name", { exact: true }).fill(administrator.name);
    await email.fill(address);
    await password.fill(administrator.password);
    await page.getByRole("button", { name: "Create the account" }).click();
  };
  const late = await anotherTab();
  await late.open(link);

  // Opening the link changes nothing.
  await visitor.open(link);
  await visitor.open(link);
  await fill(visitor, administrator.email);
  await expect(page.getByText("Your account is ready. Sign in.")).toBeVisible();
  await expect(page).toHaveURL(/\/login(\?|$)/);
  await expect(visitor.email).toHaveValue(administrator.email);

  watch.expectCall(422, "POST /api/setup");
  await fill(late, "second@dernek.example");
  await expect(late.page.getByText(deadLink)).toBeVisible();
  await visitor.open(link);
  await expect(page.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  await expect(page.getByText(deadLink)).toBeVisible();

  await visitor.open("/login");
  await visitor.tryToSignIn(administrator);
  await expect(visitor.greeting(administrator)).toBeVisible();
  await expect(page.getByText("Administrator", { exact: true })).toBeVisible();
});

freshTest("set-up shows errors at the fields and keeps typed values except the password", async ({ server, page, visitor, watch }) => {
  watch.expectCall(422, "POST /api/setup");
  await visitor.open(server.setupLink());
  await page.getByLabel("Name", { exact: true }).fill(administrator.name);
  await visitor.email.fill(administrator.email);
  await visitor.password.fill("short");
  await page.getByRole("button", { name: "Create the account" }).click();

  await expect(visitor.alert).toHaveText("Please check the marked fields.");
  await expect(visitor.password).toHaveAccessibleDescription(/Use at least 15 characters\./);
  await expect(visitor.password).toBeFocused();
  await expect(visitor.email).toHaveValue(administrator.email);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(administrator.name);
});

test("an invited user chooses a password with the link once, and signs in", async ({ server, page, visitor, anotherTab, watch }) => {
  const { person, link } = await invitePerson(server);
  const choose = async ({ page, password }: Visitor) => {
    await expect(page.getByRole("heading", { name: "Activate your account" })).toBeVisible();
    // Password managers need to know the account of the password.
    await expect(page.locator('input[autocomplete="username"]')).toHaveValue(person.email);
    await password.fill(person.password);
    await page.getByRole("button", { name: "Save the password" }).click();
  };
  const late = await anotherTab();
  await late.open(link);
  await visitor.open(link);
  await choose(visitor);
  await expect(page.getByText("Your account is ready. Sign in.")).toBeVisible();
  await expect(visitor.email).toHaveValue(person.email);

  watch.expectCall(422, "POST /api/activate");
  await choose(late);
  await expect(late.page.getByText(deadLink)).toBeVisible();
  await visitor.open(link);
  await expect(page.getByText(deadLink)).toBeVisible();

  await page.getByRole("link", { name: "Go to the sign-in page" }).click();
  await visitor.signIn(person);
});

for (const { remember, days } of [
  { remember: false, days: 1 },
  { remember: true, days: 30 },
]) {
  test(`signing in ${remember ? "with" : "without"} "remember me" lasts ${days} ${days === 1 ? "day" : "days"}`, async ({ context, page, visitor, person }) => {
    await visitor.arrive(person, { remember });
    const cookie = (await context.cookies()).find(({ name }) => name === "auth-session");
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/", domain: "127.0.0.1" });
    const left = (cookie?.expires ?? 0) - Date.now() / 1000;
    expect(left).toBeLessThanOrEqual(days * 86_400);
    expect(left).toBeGreaterThan(days * 86_400 - 60);
    await expect(page.getByText(remember ? "Yes, on this device" : "No", { exact: true })).toBeVisible();
  });
}

test("signing in leads to the requested page", async ({ page, server, visitor, person }) => {
  await visitor.open("/?week=12&year=2026");
  await expect(page).toHaveURL(`${server.url}/login?redirect=${encodeURIComponent("/?week=12&year=2026")}`);
  await visitor.signIn(person);
  await expect(page).toHaveURL(`${server.url}/?week=12&year=2026`);
  await expect(visitor.greeting(person)).toBeVisible();
});

test("a login link with a target leads there, also with a session", async ({ page, server, visitor, person }) => {
  await visitor.open("/login?redirect=%2F%3Fweek%3D13");
  await visitor.signIn(person);
  await expect(page).toHaveURL(`${server.url}/?week=13`);
  await visitor.open("/login?redirect=%2F%3Fweek%3D14");
  await expect(page).toHaveURL(`${server.url}/?week=14`);
  await visitor.open("/login");
  await expect(page).toHaveURL(`${server.url}/`);
});

test("a wrong password does not lose the requested page", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(401, "POST /api/auth/login");
  await visitor.open("/?week=15");
  await visitor.tryToSignIn({ ...person, password: "not the password" });
  await expect(visitor.alert).toContainText("Wrong email or password.");
  await visitor.signIn(person);
  await expect(page).toHaveURL(`${server.url}/?week=15`);
});

test("a reload shows the dashboard at once, and never the login form", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector("input[type=password]")) {
        console.error("the login form was there");
      }
    }).observe(document, { childList: true, subtree: true });
  });
  const urls: string[] = [];
  page.on("framenavigated", (frame) => urls.push(new URL(frame.url()).pathname));

  const answer = await visitor.reload();
  expect(answer?.status()).toBe(200);
  expect(await answer?.text()).toContain(`Hello, ${person.name}`);
  await expect(visitor.greeting(person)).toBeVisible();
  expect(urls).toEqual(["/"]);
});

freshTest("a session survives a server that is killed and restarted", async ({ server, visitor, person, watch }) => {
  // Requests that are still running fail when the server dies.
  watch.tolerate(/^Failed to load resource: net::ERR_/);
  await visitor.arrive(person);
  await server.kill();
  await server.restart();
  await visitor.reload();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("signing out clears the browser and ends the session on the server", async ({ page, request, visitor, person, scripted }) => {
  await visitor.arrive(person);
  const session = await visitor.cookie("auth-session");
  const token = await visitor.cookie("csrf-token");
  if (scripted) {
    expect(await visitor.mirror()).not.toBeNull();
  }
  const cookie = { cookie: `auth-session=${session}` };
  expect((await request.get("/api/auth/session", { headers: cookie })).status()).toBe(200);

  const answering = page.waitForResponse("**/api/auth/logout");
  await visitor.signOut();
  const set = (await (await answering).headersArray()).filter(({ name }) => name.toLowerCase() === "set-cookie").map(({ value }) => value);
  expect(set.toSorted()).toEqual([
    "auth-session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
    "csrf-token=; SameSite=Strict; Path=/; Max-Age=0",
  ]);
  expect(await visitor.cookie("auth-session")).toBeUndefined();
  // The login page sets a new token.
  expect(await visitor.cookie("csrf-token")).not.toBe(token);
  if (scripted) {
    expect(await visitor.mirror()).toBeNull();
  }

  // A copy of the cookie is refused.
  const answer = await request.get("/api/auth/session", { headers: cookie });
  expect(answer.status()).toBe(401);
  expect(await answer.json()).toMatchObject({ success: false, code: "unauthenticated", reason: "logout" });

  await visitor.open("/");
  await expect(page).toHaveURL(/\/login\?redirect=%2F$/);
});
