import { expect, test } from "../support/test.ts";

test("the theme changes without a reload, here and in other tabs", async ({ page, visitor, anotherTab }) => {
  await visitor.open("/login");
  const other = await anotherTab();
  await other.open("/login");
  await visitor.email.fill("typed");
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(other.page.locator("html")).toHaveAttribute("data-theme", "dark", { timeout: 1000 });
  await expect(other.page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  await expect(visitor.email).toHaveValue("typed");
});

test("changing the language keeps typed values except the password in every tab", async ({ page, visitor, anotherTab }) => {
  await visitor.open("/login");
  const other = await anotherTab();
  await other.open("/login");
  await other.email.fill("other@example.org");
  await visitor.email.fill("ayse@example.org");
  await visitor.password.fill("not to be kept");
  await visitor.rememberMe.check();
  await page.getByRole("button", { name: "Türkçe" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
  await expect(page.locator("[name=email]")).toHaveValue("ayse@example.org");
  await expect(page.locator("[name=rememberMe]")).toBeChecked();
  await expect(page.locator("[name=password]")).toHaveValue("");
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain("ayse@example.org");
  await expect(other.page.locator("html")).toHaveAttribute("lang", "tr");
  await expect(other.page.locator("[name=email]")).toHaveValue("other@example.org");
});

test("when the server is unreachable, the theme stays and the page says why", async ({ page, visitor, watch }) => {
  await visitor.open("/login");
  watch.tolerate(/ERR_FAILED|Failed to load resource/);
  await page.route("**/api/preferences", (route) => route.abort());
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
});

test("quick choices are saved in order, before the page in another language is loaded", async ({ page, visitor }) => {
  const sent: unknown[] = [];
  let [flying, most] = [0, 0];
  let answer = () => {};
  const clicked = new Promise<void>((done) => (answer = done));
  await visitor.open("/login");
  await page.route("**/api/preferences", async (route) => {
    const { theme, language } = route.request().postDataJSON() as Record<string, string>;
    sent.push(theme ? { theme } : { language });
    flying += 1;
    most = Math.max(most, flying);
    await clicked;
    const response = await route.fetch();
    flying -= 1;
    await route.fulfill({ response });
  });
  for (const name of ["Dark", "Light", "Türkçe"]) {
    await page.getByRole("button", { name }).click();
  }
  answer();
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
  expect(most, "requests at the same time").toBe(1);
  expect(sent).toEqual([{ theme: "dark" }, { theme: "light" }, { language: "tr" }]);
  expect(await visitor.cookie("theme")).toBe("light");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});
