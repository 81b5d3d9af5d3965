import { addPerson, failSignIns } from "../support/people.ts";
import { expect, test } from "../support/test.ts";

test("a lockout counts down and ends by itself", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(429, "POST /api/auth/login");
  await failSignIns(server, person.email, 5);
  await page.clock.install();
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  const timer = page.getByRole("timer");
  await expect(timer).toHaveText(/^You can try again in (30:00|29:5\d)\.$/);
  await expect(visitor.signInButton).toBeDisabled();

  await page.clock.fastForward("10:00");
  await expect(timer).toHaveText(/^You can try again in (20:00|19:[45]\d)\.$/);
  await expect(visitor.signInButton).toBeDisabled();

  await page.clock.fastForward("20:00");
  await expect(page.getByText("You can try again now.")).toBeVisible();
  await expect(timer).toHaveCount(0);
  await expect(visitor.alert.getByText(/./)).toHaveCount(0);
  await expect(visitor.signInButton).toBeEnabled();

  await server.cli(["user", "unlock", person.email]);
  await visitor.signInButton.click();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("a lockout of one account does not affect other accounts", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(429, "POST /api/auth/login");
  await failSignIns(server, person.email, 5);
  const other = await addPerson(server, { name: "Mehmet Öz" });
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  await expect(visitor.signInButton).toBeDisabled();
  await visitor.email.fill(other.email);
  await expect(page.getByRole("timer")).toHaveCount(0);
  await visitor.signIn(other);
  await expect(visitor.greeting(other)).toBeVisible();
});

test("a screen reader does not repeat a lockout's countdown", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(429, "POST /api/auth/login");
  await failSignIns(server, person.email, 5);
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  await expect(page.getByRole("timer")).toBeVisible();
  await expect(visitor.alert).not.toContainText(/\d:\d\d/);
  await expect(page.getByRole("timer")).not.toHaveAttribute("aria-live", /assertive|polite/);
});

test("the password can be shown and hidden", async ({ page, visitor }) => {
  await visitor.open("/login");
  const toggle = page.getByRole("button", { name: "Show password" });
  await visitor.password.fill("secret");
  await toggle.click();
  await expect(visitor.password).toHaveAttribute("type", "text");
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  await expect(visitor.password).toHaveValue("secret");
  await toggle.click();
  await expect(visitor.password).toHaveAttribute("type", "password");
  await expect(toggle).toHaveAttribute("aria-pressed", "false");
});

test("Caps Lock is noticed while the password is typed", async ({ page, visitor }) => {
  await visitor.open("/login");
  const hint = page.getByText("Caps Lock is on.");
  await visitor.password.focus();
  await visitor.password.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
  await expect(hint).toBeVisible();
  await visitor.password.dispatchEvent("keyup", { key: "CapsLock" });
  await expect(hint).toBeHidden();
  await visitor.password.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
  await expect(hint).toBeVisible();
  await visitor.email.focus();
  await expect(hint).toBeHidden();
  // Password managers dispatch plain events, not keyboard events.
  await visitor.password.evaluate((field) => field.dispatchEvent(new Event("keydown", { bubbles: true })));
  await expect(hint).toBeHidden();
});

test("a double click signs in once", async ({ page, visitor, person }) => {
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") {
      posts.push(new URL(request.url()).pathname);
    }
  });
  await visitor.open("/login");
  await visitor.email.fill(person.email);
  await visitor.password.fill(person.password);
  await visitor.signInButton.dblclick();
  await expect(visitor.greeting(person)).toBeVisible();
  expect(posts).toEqual(["/api/auth/login"]);
});

test("while the request runs, the button is busy and disabled", async ({ page, visitor, person }) => {
  let answer = () => {};
  const asked = new Promise<void>((done) => (answer = done));
  await page.route("**/api/auth/login", async (route) => {
    await asked;
    await route.continue();
  });
  await visitor.open("/login");
  await visitor.tryToSignIn(person);
  const busy = page.getByRole("button", { name: "Signing in…" });
  await expect(busy).toBeDisabled();
  await expect(busy).toHaveAttribute("aria-busy", "true");
  answer();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("signing in works before WASM has loaded", async ({ page, server, visitor, person }) => {
  let deliver = () => {};
  const delivered = new Promise<void>((done) => (deliver = done));
  await page.route("**/*.wasm", async (route) => {
    await delivered;
    await route.continue().catch(() => {});
  });
  await page.goto(`${server.url}/login`);
  await expect(page.getByRole("button", { name: "Show password" })).toBeHidden();
  await visitor.tryToSignIn(person);
  await expect(visitor.greeting(person)).toBeVisible();
  deliver();
});

test("values typed before WASM has loaded are kept", async ({ page, server, visitor, person }) => {
  let deliver = () => {};
  const delivered = new Promise<void>((done) => (deliver = done));
  await page.route("**/*.wasm", async (route) => {
    await delivered;
    await route.continue();
  });
  await page.goto(`${server.url}/login`);
  await visitor.email.fill(person.email);
  await visitor.password.fill(person.password);
  await visitor.rememberMe.check();
  deliver();
  await visitor.settled();
  await expect(visitor.email).toHaveValue(person.email);
  await expect(visitor.password).toHaveValue(person.password);
  await expect(visitor.rememberMe).toBeChecked();
  await visitor.signInButton.click();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("an unreachable server is reported as unreachable", async ({ context, visitor, person, watch }) => {
  watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/);
  await visitor.open("/login");
  await context.setOffline(true);
  await visitor.tryToSignIn(person);
  await expect(visitor.alert).toHaveText("The server cannot be reached. Check your connection.");
  await context.setOffline(false);
  await visitor.signInButton.click();
  await expect(visitor.greeting(person)).toBeVisible();
});
