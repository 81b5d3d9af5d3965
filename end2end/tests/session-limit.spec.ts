import type { BrowserContext } from "@playwright/test";
import { USER_AGENTS, signInElsewhere } from "../support/people.ts";
import { expect, freshTest as test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

const FULL = "You are signed in on as many devices as allowed.";

test("at the limit the page asks which session ends and keeps no password", async ({ page, server, visitor, person, watch, anotherBrowser, scripted }) => {
  await server.cli(["policy", "set", "sessionLimit", "2"]);
  const at = async (context: BrowserContext) => new Visitor(await context.newPage(), server, scripted);
  const windows = await at(await anotherBrowser({ userAgent: USER_AGENTS[0] }));
  const phone = await at(await anotherBrowser({ userAgent: USER_AGENTS[1] }));
  await windows.arrive(person);
  await phone.arrive(person);

  watch.expectCall(409, "POST /api/auth/login");
  await visitor.open("/login?redirect=%2F%3Fx%3D1");
  await visitor.tryToSignIn(person, { remember: true });
  await expect(visitor.alert).toHaveText(FULL);
  await expect(page.getByRole("heading", { level: 1, name: "One session has to end" })).toBeVisible();
  await expect(page.getByRole("radio")).toHaveCount(2);
  const oldest = page.getByRole("radio", { name: /Chrome 142 · Windows.*127\.0\.0\.1.*Last active/ });
  await expect(oldest).toBeChecked();
  expect(await page.content()).not.toContain(person.password);
  await expect(visitor.password).toHaveCount(0);
  await expect(page.locator("input[type=password]")).toHaveCount(0);
  expect(await visitor.cookie("auth-session")).toBeUndefined();

  await page.getByRole("radio", { name: /Safari 18 · iPhone/ }).check();
  await page.getByRole("button", { name: "End it and sign in" }).click();
  await expect(visitor.greeting(person)).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/?x=1`);

  const cookies = await page.context().cookies();
  const lasts = (cookies.find(({ name }) => name === "auth-session")?.expires ?? 0) - Date.now() / 1000;
  expect(lasts, "remember me was kept").toBeGreaterThan(29 * 86_400);
  await windows.reload();
  await expect(windows.greeting(person)).toBeVisible();
  await phone.reload();
  await expect(phone.email).toBeVisible();
});

test("the choice can be cancelled, and no session ends", async ({ page, server, visitor, person, watch }) => {
  await server.cli(["policy", "set", "sessionLimit", "1"]);
  await signInElsewhere(server, person, [USER_AGENTS[2] ?? ""]);
  watch.expectCall(409, "POST /api/auth/login");
  watch.expectCall(409, "POST /api/auth/login");
  for (let times = 0; times < 2; times += 1) {
    await visitor.open("/login?redirect=%2F%3Fx%3D1");
    await visitor.tryToSignIn(person);
    await expect(page.getByRole("radio", { name: /Firefox 144 · Linux/ })).toBeChecked();
    await page.getByRole("button", { name: "Cancel" }).click();
    await visitor.settled();
    await expect(visitor.password).toHaveValue("");
    await expect(visitor.alert.getByText(/./)).toHaveCount(0);
    await expect(page).toHaveURL(/\/login\?redirect=%2F%3Fx%3D1$/);
  }
});

test("the choice works with the keyboard only", async ({ page, server, visitor, person, watch, scripted }) => {
  await server.cli(["policy", "set", "sessionLimit", "3"]);
  await signInElsewhere(server, person, USER_AGENTS);
  watch.expectCall(409, "POST /api/auth/login");
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  await expect(page.getByRole("radio")).toHaveCount(3);
  await visitor.settled();
  if (scripted) {
    // The focus is on the explanation; without scripts it is at the start of the page.
    await page.keyboard.press("Tab");
  } else {
    await page.getByRole("radio").first().focus();
  }
  await expect(page.getByRole("radio").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio").nth(1)).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(visitor.greeting(person)).toBeVisible();
});

test("choosing a session that has already ended signs in", async ({ page, server, visitor, person, watch, anotherBrowser, scripted }) => {
  await server.cli(["policy", "set", "sessionLimit", "1"]);
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  watch.expectCall(409, "POST /api/auth/login");
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  await expect(page.getByRole("radio")).toHaveCount(1);
  await other.signOut();
  await page.getByRole("button", { name: "End it and sign in" }).click();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("a choice that is no longer possible shows the login form", async ({ page, server, visitor, person, watch }) => {
  await server.cli(["policy", "set", "sessionLimit", "1"]);
  await signInElsewhere(server, person, USER_AGENTS.slice(0, 1));
  watch.expectCall(409, "POST /api/auth/login");
  watch.expectCall(403, "POST /api/auth/login/choose");
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  await expect(page.getByRole("radio")).toHaveCount(1);
  await server.cli(["user", "disable", person.email]);
  await page.getByRole("button", { name: "End it and sign in" }).click();
  await expect(visitor.alert).toHaveText("This account is not active. Please ask an administrator.");
  await expect(visitor.password).toBeVisible();
});

test.describe("in Turkish", () => {
  test.use({ locale: "tr-TR" });

  test("the choice is in Turkish and says when several sessions have to end", async ({ page, server, visitor, person, watch }) => {
    await signInElsewhere(server, person, USER_AGENTS);
    await server.cli(["policy", "set", "sessionLimit", "1"]);
    watch.expectCall(409, "POST /api/auth/login");
    await visitor.open("/login");
    await page.getByLabel("E-posta", { exact: true }).fill(person.email);
    await page.getByLabel("Parola", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Giriş yap" }).click();
    await expect(visitor.alert).toHaveText("İzin verilen sayıda cihazda oturumunuz açık.");
    await expect(page.getByText("en uzun süredir kullanılmayan 2 oturum daha kapanır")).toBeVisible();
    await visitor.settled();
    await page.getByRole("button", { name: "Kapat ve giriş yap" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Merhaba, ${person.name}` })).toBeVisible();
  });
});
