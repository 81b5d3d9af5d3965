import { addPerson, newEmail, requirePassword } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

test("two administrators side by side: the list of one follows what the other does, and nothing is overwritten", async ({ page, server, visitor, watch, anotherBrowser, scripted }) => {
  const mark = newEmail().split("@")[0] ?? "";
  const ayse = await addPerson(server, { name: `Ayşe ${mark}` });
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(await addPerson(server, { role: "admin", name: "Zeynep Kara" }));
  await other.open(`/users/${ayse.id}`);
  await visitor.arrive(await addPerson(server, { role: "admin" }));
  await visitor.listening(() => visitor.open(`/users?q=${encodeURIComponent(mark)}`));
  await page.evaluate(() => Object.assign(window, { same: true }));
  await expect(page.getByRole("heading", { name: "1 person" })).toBeVisible();
  await addPerson(server, { name: `Mehmet ${mark}` });
  // The command line of SQLite's file is another process, so the other administrator's change is what is told.
  await other.page.getByLabel("Name").fill(`Ayşe Kaya ${mark}`);
  await other.page.getByRole("button", { name: "Save changes" }).click();
  await expect(other.page.getByText("Saved.")).toBeVisible();
  await expect(page.getByRole("link", { name: `Ayşe Kaya ${mark}` })).toBeVisible();
  await expect(page.getByRole("heading", { name: "2 people" })).toBeVisible();
  expect(await page.evaluate(() => "same" in window)).toBe(true);

  // Both have the person open; the second to save sees what the first has changed. A page without a draft would
  // follow the change, and then nobody would be surprised.
  await visitor.open(`/users/${ayse.id}`);
  await other.open(`/users/${ayse.id}`);
  await other.page.getByLabel("Phone").fill("0312 555 99 99");
  await page.getByLabel("Phone").fill("0312 555 00 11");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  watch.expectCall(409, "POST /api/users/update");
  await other.page.getByRole("button", { name: "Save changes" }).click();
  await expect(other.page.getByText(/Somebody else/)).toBeVisible();
});

test("administrators hear who became one", async ({ page, server, visitor, anotherBrowser, scripted }) => {
  const name = `Helin ${newEmail().split("@")[0]}`;
  const helin = await addPerson(server, { name });
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(await addPerson(server, { role: "admin" }));
  await visitor.arrive(await addPerson(server, { role: "admin" }));
  await visitor.listening(() => visitor.open("/account"));
  await other.open(`/users/${helin.id}?review=rights&role=admin`);
  await other.page.getByRole("button", { name: "Save role and permissions" }).click();
  const notice = page.getByRole("region", { name: "Administrators" });
  await expect(notice).toContainText(`${name} is now an administrator.`);
  await notice.getByRole("button", { name: "OK" }).click();
  await expect(notice).toBeHidden();
});

test("one box ticks the whole page, and says how many are chosen", async ({ page, server, visitor }) => {
  const mark = newEmail().split("@")[0] ?? "";
  await Promise.all([1, 2, 3].map((n) => addPerson(server, { name: `Seçim ${mark} ${n}` })));
  await visitor.arrive(await addPerson(server, { role: "admin" }));
  await visitor.open(`/users?q=${encodeURIComponent(mark)}`);
  const all = page.getByRole("checkbox", { name: "Choose all on this page" });
  const rows = page.getByRole("checkbox", { name: /^Choose Seçim/ });
  await all.check();
  await expect(page.getByText("3 chosen")).toBeVisible();
  await rows.first().uncheck();
  await expect(page.getByText("2 chosen")).toBeVisible();
  await expect(all).not.toBeChecked();
  await rows.first().check();
  await expect(all).toBeChecked();
  await all.uncheck();
  await expect(rows.first()).not.toBeChecked();
  await expect(page.getByText(/^\d+ chosen$/)).toBeHidden();
});

test("a new password that is required takes an open page away at its next use", async ({ page, server, visitor, person, watch, anotherBrowser, scripted }) => {
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(await addPerson(server, { role: "admin" }));
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/"));
  watch.expectCall(403, "GET /");
  await other.open(`/users/${person.id}`);
  await other.page.getByRole("button", { name: "Require a new password" }).click();
  await expect(other.page.getByText("Must choose a new password")).toBeVisible();
  await page.waitForURL((url) => url.pathname === "/new-password");
  await visitor.settled();
  watch.expectCall(422, "POST /api/account/new-password");
  await page.getByLabel("New password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await expect(page.locator("#newPassword-error")).toBeVisible();
  await page.getByLabel("New password", { exact: true }).fill("dokuz şemsiye bahçede duruyor");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await visitor.settled();
  await expect(page.getByRole("region", { name: "Changed by an administrator" })).toContainText("A new password was required of you.");
});

test.describe("on a phone, with the keyboard alone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("an administrator finds somebody, reads their page and lifts nothing by accident", async ({ page, server, visitor }) => {
    const mark = newEmail().split("@")[0] ?? "";
    await addPerson(server, { name: `Klavye ${mark}` });
    await visitor.arrive(await addPerson(server, { role: "admin" }));
    const press = async (name: string | RegExp, role: "link" | "button" | "searchbox" | "checkbox") => {
      const target = page.getByRole(role, { name }).first();
      for (let step = 0; step < 80; step += 1) {
        if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) {
          return target;
        }
        await page.keyboard.press("Tab");
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await press("People", "link");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/users");
    await visitor.settled();
    await press("Search", "searchbox");
    await page.keyboard.type(mark);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search.includes(mark));
    await visitor.settled();
    await press(`Klavye ${mark}`, "link");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => /\/users\/.{36}/.test(url.pathname));
    await visitor.settled();
    const disable = await press("Disable", "button");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Done for 1 person.")).toBeVisible();
    await expect(disable).toBeHidden();
    await press("Enable", "button");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Disable" })).toBeVisible();
  });
});

test("what the command line requires is met at the next click", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await requirePassword(server, person);
  await page.getByRole("navigation").getByRole("link", { name: "Account" }).click();
  await page.waitForURL((url) => url.pathname === "/new-password");
});
