import { addPerson, failSignIns, newEmail } from "../support/people.ts";
import { expect, freshTest, test } from "../support/test.ts";

test("a wrong password does not reveal whether the account exists", async ({ page, visitor, person, watch }) => {
  watch.expectCall(401, "POST /api/auth/login");
  watch.expectCall(401, "POST /api/auth/login");
  await visitor.open("/login");
  for (const email of [person.email, newEmail()]) {
    await visitor.tryToSignIn({ email, password: "not the password" });
    await expect(visitor.alert).toHaveText("Wrong email or password. 4 attempts are left before signing in is locked.");
    await expect(visitor.email).toHaveValue(email);
    await expect(visitor.password).toBeFocused();
    await page.reload();
    await visitor.settled();
  }
  expect(await visitor.cookie("auth-session")).toBeUndefined();
});

test("typed values appear in no URL, and the password on no page", async ({ page, visitor, person, watch, scripted }) => {
  watch.expectCall(401, "POST /api/auth/login");
  const urls: string[] = [];
  page.on("request", (request) => urls.push(request.url()));
  await visitor.open("/login");
  await visitor.tryToSignIn({ email: person.email, password: "mistyped-secret" }, { remember: true });
  await expect(visitor.alert).toBeVisible();
  await expect(visitor.email).toHaveValue(person.email);
  await expect(visitor.rememberMe).toBeChecked();
  await expect(page).toHaveURL(scripted ? /\/login$/ : /\/login\?error=invalid_credentials$/);
  expect(await page.content()).not.toContain("mistyped-secret");
  expect(urls.filter((url) => decodeURIComponent(url).includes("dernek.example") || url.includes("mistyped-secret"))).toEqual([]);
});

test.describe("in Turkish", () => {
  test.use({ locale: "tr-TR" });

  test("the login page and its errors are in Turkish", async ({ page, visitor, person, watch }) => {
    watch.expectCall(401, "POST /api/auth/login");
    await visitor.open("/login");
    await expect(page.locator("html")).toHaveAttribute("lang", "tr");
    await expect(page).toHaveTitle("Giriş yap · Kafkasder Paneli");
    await page.getByLabel("E-posta", { exact: true }).fill(person.email);
    await page.getByLabel("Parola", { exact: true }).fill("yanlış parola");
    await page.getByRole("button", { name: "Giriş yap" }).click();
    await expect(visitor.alert).toHaveText("E-posta veya parola hatalı. Giriş kilitlenmeden önce 4 deneme hakkınız kaldı.");

    await page.getByLabel("Parola", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Giriş yap" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Merhaba, ${person.name}` })).toBeVisible();
    await visitor.settled();
    await page.getByRole("button", { name: "Çıkış yap" }).click();
    await expect(page.getByRole("heading", { name: "Hoş geldiniz" })).toBeVisible();
  });
});

test("an empty form shows what is missing", async ({ visitor, watch }) => {
  watch.expectCall(400, "POST /api/auth/login");
  await visitor.open("/login");
  await visitor.signInButton.click();
  await expect(visitor.alert).toHaveText("Enter your email and your password.");
  await expect(visitor.email).toBeFocused();
});

test("after the fifth wrong password the right one is locked too, with the remaining time", async ({ page, server, visitor, person, watch }) => {
  watch.expectCall(401, "POST /api/auth/login");
  watch.expectCall(429, "POST /api/auth/login");
  await failSignIns(server, person.email, 4);
  await visitor.open("/login");
  await visitor.tryToSignIn({ ...person, password: "not the password" });
  await expect(visitor.alert).toHaveText("Wrong email or password. No attempts are left; signing in is now locked for a while.");

  await visitor.tryToSignIn(person);
  await expect(visitor.alert).toHaveText("Too many failed attempts. Signing in is locked for a while.");
  await expect(page.getByRole("timer")).toHaveText(/^You can try again in (30:00|29:[45]\d)\.$/);

  // After an administrator lifts the lockout, signing in works again.
  await server.cli(["user", "unlock", person.email]);
  await visitor.open("/login");
  await visitor.signIn(person);
  await expect(visitor.greeting(person)).toBeVisible();
});

test("only the right password reveals that an account is disabled", async ({ server, visitor, person, watch }) => {
  watch.expectCall(401, "POST /api/auth/login");
  watch.expectCall(403, "POST /api/auth/login");
  await server.cli(["user", "disable", person.email]);
  await visitor.open("/login");
  await visitor.tryToSignIn({ ...person, password: "not the password" });
  await expect(visitor.alert).toContainText("Wrong email or password.");
  await visitor.tryToSignIn(person);
  await expect(visitor.alert).toHaveText("This account is not active. Please ask an administrator.");
});

test("the fields have the attributes that browsers and password managers need", async ({ visitor }) => {
  await visitor.open("/login");
  await expect(visitor.email).toHaveAttribute("autocomplete", "username");
  await expect(visitor.email).toHaveAttribute("inputmode", "email");
  await expect(visitor.email).toHaveAttribute("autocapitalize", "none");
  await expect(visitor.email).toHaveAttribute("spellcheck", "false");
  await expect(visitor.password).toHaveAttribute("autocomplete", "current-password");
  await expect(visitor.password).toHaveAttribute("type", "password");
  await expect(visitor.password).toHaveValue("");
  await expect(visitor.rememberMe).not.toBeChecked();
});

test("the keyboard is enough: the email has the focus, Enter submits, and Tab reaches the sign-out button", async ({ page, visitor, person }) => {
  await visitor.open("/login");
  await expect(visitor.email).toBeFocused();
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await expect(visitor.password).toBeFocused();
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/");
  await visitor.settled();

  const reached = visitor.signOutButton;
  for (let presses = 0; presses < 12 && !(await reached.evaluate((button) => button === document.activeElement)); presses += 1) {
    await page.keyboard.press("Tab");
  }
  await expect(reached).toBeFocused();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/login");
  await expect(visitor.email).toBeFocused();
});

test("the first Tab offers to skip the header", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("a login page with an invalid CSRF token still signs in", async ({ context, visitor, person, watch, scripted }) => {
  watch.expectCall(403, "POST /api/auth/login");
  await visitor.open("/login");
  await context.clearCookies({ name: "csrf-token" });
  await visitor.tryToSignIn(person);
  if (!scripted) {
    await expect(visitor.alert).toHaveText("This page was out of date. Please try again.");
    await expect(visitor.email).toHaveValue(person.email);
    await expect(visitor.password).toHaveValue("");
    await visitor.signIn(person);
  }
  await expect(visitor.greeting(person)).toBeVisible();
});

test("a dashboard with an invalid CSRF token still signs out", async ({ context, page, visitor, person, watch, scripted }) => {
  watch.expectCall(403, "POST /api/auth/logout");
  await visitor.arrive(person);
  await context.clearCookies({ name: "csrf-token" });
  await visitor.signOutButton.click();
  if (!scripted) {
    // The form redirected to the page, which has a valid token.
    await page.waitForURL("**/?error=csrf_failed");
    await visitor.signOutButton.click();
  }
  await page.waitForURL("**/login*");
  expect(await visitor.cookie("auth-session")).toBeUndefined();
});

for (const error of ["<script>alert(1)</script>", "nothing_known", "", "Invalid_Credentials", "invalid_credentials&error=x"]) {
  test(`an unknown error code in the URL shows no message: ${error || "(empty)"}`, async ({ visitor }) => {
    await visitor.open(`/login?error=${error}`);
    await expect(visitor.email).toBeVisible();
    await expect(visitor.alert.getByText(/./)).toHaveCount(0);
  });
}

test("an error code in the URL shows its message without numbers", async ({ page, visitor }) => {
  await visitor.open("/login?error=account_locked");
  await expect(visitor.alert).toHaveText("Too many failed attempts. Signing in is locked for a while.");
  await expect(page.getByRole("timer")).toHaveCount(0);
  await expect(visitor.signInButton).toBeEnabled();
});

for (const target of ["https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil.example", "javascript:alert(1)", "/..//evil.example"]) {
  test(`signing in never leads to another site: ${target}`, async ({ page, server, visitor, person }) => {
    await visitor.open(`/login?redirect=${encodeURIComponent(target)}`);
    await visitor.signIn(person);
    await expect(page).toHaveURL(`${server.url}/`);
    await visitor.open(`/login?redirect=${encodeURIComponent(target)}`);
    await expect(page).toHaveURL(`${server.url}/`);
  });
}

freshTest("without an administrator the login page works, but no account can sign in", async ({ server, visitor, watch }) => {
  watch.expectCall(401, "POST /api/auth/login");
  await visitor.open("/");
  await visitor.tryToSignIn({ email: "admin@dernek.example", password: "admin123" });
  await expect(visitor.alert).toContainText("Wrong email or password.");
  expect(server.setupLink()).toContain("/setup?token=");
});

test("Turkish letters in a password and capitals in an email work", async ({ server, visitor }) => {
  const person = await addPerson(server, { name: "İpek Çağ", email: newEmail(), password: "ĞÜŞİÖÇ ığüşöç uzun parola" });
  await visitor.open("/login");
  await visitor.tryToSignIn({ email: ` ${person.email.toUpperCase()} `, password: person.password.normalize("NFD") });
  await expect(visitor.greeting(person)).toBeVisible();
});

test("a deep link with encoded characters survives signing in unchanged", async ({ page, visitor, person, server }) => {
  for (const link of ["/?x=a%2Bb", "/?x=%C5%9F", "/?x=%2525&y=%26z"]) {
    await visitor.open(link);
    await expect(page).toHaveURL(`${server.url}/login?redirect=${encodeURIComponent(link)}`);
    await visitor.listening(() => visitor.signIn(person));
    await expect(page).toHaveURL(server.url + link);
    await visitor.signOutButton.click();
    await page.waitForURL(/\/login/);
    await visitor.settled();
  }
});
