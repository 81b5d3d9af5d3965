import { expect, test } from "../support/test.ts";

test("the rules of a new password are explained while it is typed", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Change your password" });
  const rules = section.getByRole("list", { name: "What a new password needs" }).getByRole("listitem");
  const next = section.getByLabel("New password", { exact: true });
  await expect(rules.first()).toHaveText(/^Use at least 15 characters\.\s*$/);

  await next.fill("yılmaz");
  await expect(rules.first()).toContainText("6 so far. (not kept yet)");
  await expect(rules.nth(1)).toContainText("(not kept yet)");
  // Wide and zero-width spaces: none of these characters is visible.
  await next.fill("\u3000\u200b".repeat(10));
  await expect(rules.first()).toContainText("Use characters that can be seen. 20 so far. (not kept yet)");
  await next.fill("bozkırda sessiz bir tren");
  await expect(rules.first()).toContainText("24 so far. (kept)");
  await expect(rules.nth(1)).toContainText("(kept)");
  await section.getByLabel("Current password").fill("bozkırda sessiz bir tren");
  await expect(rules.nth(2)).toContainText("(not kept yet)");
  await section.getByLabel("Current password").fill("another");
  await expect(rules.nth(2)).toContainText("(kept)");
});

test("the typed password can be shown", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const section = page.getByRole("region", { name: "Change your password" });
  const next = section.getByLabel("New password", { exact: true });
  await next.fill("görünsün");
  await expect(next).toHaveAttribute("type", "password");
  await section.getByRole("button", { name: "Show" }).last().click();
  await expect(next).toHaveAttribute("type", "text");
  await expect(next).toHaveAttribute("autocomplete", "new-password");
  await expect(section.getByLabel("Current password")).toHaveAttribute("autocomplete", "current-password");
});

test("ending a session that has already ended removes it from the list", async ({ page, visitor, person, anotherBrowser }) => {
  const other = await (await anotherBrowser()).newPage();
  await other.goto("/login");
  await other.locator("[name=email]").fill(person.email);
  await other.locator("[name=password]").fill(person.password);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await other.waitForURL((url) => url.pathname === "/");
  await visitor.arrive(person);
  await visitor.open("/account");
  await other.getByRole("button", { name: "Sign out", exact: true }).click();
  await other.waitForURL("**/login");
  const section = page.getByRole("region", { name: "Where you are signed in" });
  await section.getByRole("listitem").last().getByRole("button").click();
  await expect(section.getByRole("status")).toHaveText("No other session was open.");
  await expect(section.getByRole("listitem")).toHaveCount(1);
});
