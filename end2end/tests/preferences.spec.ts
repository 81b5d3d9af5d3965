import { expect, test } from "../support/test.ts";

const html = "html";

test("the theme is chosen on the login page, and stays after signing in and out", async ({ page, visitor, person }) => {
  await visitor.open("/login");
  await expect(page.locator(html)).not.toHaveAttribute("data-theme");
  await visitor.choose("Dark");
  await expect(page.locator(html)).toHaveAttribute("data-theme", "dark");
  await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("meta[name=color-scheme]")).toHaveAttribute("content", "dark");
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(26, 20, 18)");
  await visitor.settled();
  await visitor.signIn(person);
  await expect(page.locator(html)).toHaveAttribute("data-theme", "dark");
  await visitor.signOut();
  await expect(page.locator(html)).toHaveAttribute("data-theme", "dark");
  await visitor.choose("System");
  await expect(page.locator(html)).not.toHaveAttribute("data-theme");
  await page.reload();
  await expect(page.locator(html)).not.toHaveAttribute("data-theme");
});

test("a chosen theme overrides the system's", async ({ page, visitor }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  await visitor.open("/login");
  expect(await background()).toBe("rgb(26, 20, 18)");
  await page.getByRole("button", { name: "Light" }).click();
  await expect(page.locator(html)).toHaveAttribute("data-theme", "light");
  expect(await background()).toBe("rgb(250, 246, 240)");
});

test("changing the language keeps the page", async ({ page, visitor, server }) => {
  await visitor.open("/login?redirect=%2Faccount");
  await page.getByRole("button", { name: "Türkçe" }).click();
  await expect(page.locator(html)).toHaveAttribute("lang", "tr");
  await expect(page).toHaveURL(`${server.url}/login?redirect=%2Faccount`);
  await expect(page.getByRole("button", { name: "Giriş yap", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Türkçe" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator(html)).toHaveAttribute("lang", "en");
});

test("the language can be changed on a page that does not exist", async ({ page, visitor, person, watch }) => {
  watch.expectPage(404, "/nothing");
  watch.expectPage(404, "/nothing");
  await visitor.arrive(person);
  await visitor.open("/nothing");
  await page.getByRole("button", { name: "Türkçe" }).click();
  await expect(page.locator(html)).toHaveAttribute("lang", "tr");
  await expect(page).toHaveURL(/\/nothing$/);
});

test("the choices apply in a new browser", async ({ page, visitor, person, anotherBrowser, server }) => {
  await visitor.arrive(person);
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator(html)).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Türkçe" }).click();
  await expect(page.locator(html)).toHaveAttribute("lang", "tr");

  const there = await (await anotherBrowser()).newPage();
  await there.goto(`${server.url}/login`);
  await there.getByLabel("Email", { exact: true }).fill(person.email);
  await there.getByLabel("Password", { exact: true }).fill(person.password);
  await there.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(there.locator(html)).toHaveAttribute("lang", "tr");
  await expect(there.locator(html)).toHaveAttribute("data-theme", "dark");
});
