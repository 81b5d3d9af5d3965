import { Keyboard } from "../support/keyboard.ts";
import { addPerson, failSignIns, newEmail } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

// A whole day of an administrator on a phone's width, with the keyboard alone: in English with scripts, and in
// Turkish without. The other pairs differ in nothing that other tests don't see.

for (const [language, locale] of [["en", "en-GB"], ["tr", "tr-TR"]] as const) {
  test.describe(locale, () => {
    test.use({ locale, viewport: { width: 360, height: 740 } });

    test("an administrator's day with the keyboard alone", async ({ page, visitor, server, anotherBrowser, scripted }) => {
      test.skip(scripted !== (language === "en"));
      test.setTimeout(120_000);
      const t = words(language);
      const keys = new Keyboard(page);
      const button = (key: string) => page.getByRole("button", { name: t(key), exact: true }).first();
      const field = (key: string) => page.getByLabel(t(key), { exact: true }).first();
      const go = async (key: string, path: string) => {
        await keys.press(page.getByRole("navigation").getByRole("link", { name: t(key), exact: true }));
        await page.waitForURL((url) => url.pathname === path);
        await visitor.settled();
      };
      const mark = newEmail().split("@")[0] ?? "";

      const locked = await addPerson(server);
      await failSignIns(server, locked.email, 5);
      const guest = await addPerson(server, { name: `Misafir ${mark}` });
      const elsewhere = new Visitor(await (await anotherBrowser({ locale: "en-GB" })).newPage(), server, scripted);
      await elsewhere.arrive(guest);
      const admin = await addPerson(server, { role: "admin" });

      // Signs in.
      await visitor.open("/login");
      await keys.write(field("field_email"), admin.email);
      await keys.write(field("field_password"), admin.password);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.pathname === "/");
      await visitor.settled();

      // Adds a person, and gets the link to give them.
      await go("nav_people", "/users");
      await keys.press(page.getByRole("link", { name: t("people_new") }));
      await page.waitForURL((url) => url.pathname === "/users/new");
      await visitor.settled();
      const email = newEmail();
      await keys.write(field("field_name"), `Işıl ${mark}`);
      await keys.write(field("field_email"), email);
      await keys.choose(field("field_role"), t("role_viewer"));
      await keys.press(button("person_new_submit"));
      const link = page.getByLabel(t("outcome_link", { name: `Işıl ${mark}` }));
      await expect(link).toHaveValue(/\/activate\?token=/);
      await visitor.settled();

      // Finds her in another spelling, and opens her page.
      await keys.write(page.getByRole("searchbox"), `ISIL ${mark}`);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.search.includes("q="));
      await visitor.settled();
      await expect(page.getByRole("heading", { name: t("people_count_one", { count: "1" }) })).toBeVisible();
      await keys.press(page.getByRole("link", { name: `Işıl ${mark}` }));
      await page.waitForURL((url) => /^\/users\/.{36}$/.test(url.pathname));
      await visitor.settled();

      // Edits her, and changes her role after the review.
      await keys.write(page.getByLabel(t("field_phone")), "0312 555 00 11");
      await keys.press(button("person_save"));
      await expect(page.getByText(t("person_saved"), { exact: true })).toBeVisible();
      await visitor.settled();
      await keys.choose(field("field_role"), t("role_manager"));
      await keys.press(button("person_review"));
      await expect(page.getByRole("heading", { name: t("person_review_gain", { name: `Işıl ${mark}` }) })).toBeVisible();
      await visitor.settled();
      await keys.press(button("person_review_save"));
      await expect(page.locator(".person-card")).toContainText(t("role_manager"));
      await visitor.settled();

      // Disables her with a reason, and enables her.
      await keys.write(page.getByLabel(t("field_reason")), "Uzun izin");
      await keys.press(button("act_disable"));
      await expect(button("act_enable")).toBeVisible();
      await visitor.settled();
      await keys.press(button("act_enable"));
      await expect(button("act_disable")).toBeVisible();
      await visitor.settled();

      // Lifts a lockout.
      await go("nav_lockouts", "/lockouts");
      await keys.write(page.getByRole("searchbox"), locked.email);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.search.includes("q="));
      await visitor.settled();
      await keys.tick(page.getByRole("checkbox", { name: t("people_choose", { name: locked.email }) }));
      await keys.press(button("act_unlock"));
      await expect(page.getByText(t("lockouts_none"))).toBeVisible();
      await visitor.settled();

      // Ends the guest's session.
      await go("nav_sessions", "/sessions");
      await keys.write(page.getByRole("searchbox"), mark);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.search.includes("q="));
      await visitor.settled();
      await keys.tick(page.getByRole("checkbox", { name: new RegExp(`Misafir ${mark}`) }));
      await keys.press(button("desk_end_chosen"));
      await expect(page.getByText(t("desk_sessions_none"))).toBeVisible();
      await visitor.settled();
      if (scripted) {
        await expect(elsewhere.cover).toBeVisible();
      }

      // Makes a role, and deletes it again.
      await go("nav_roles", "/roles");
      await keys.press(page.getByRole("link", { name: t("roles_new") }));
      await visitor.settled();
      await keys.write(field("roles_label"), `Rol ${mark}`);
      await keys.tick(page.getByRole("checkbox").first());
      await keys.press(button("roles_review"));
      await expect(page.getByRole("heading", { name: t("roles_review_title") })).toBeVisible();
      await visitor.settled();
      await keys.press(button("roles_save"));
      await expect(page.getByText(t("roles_saved"))).toBeVisible();
      await visitor.settled();
      await keys.press(page.getByRole("link", { name: t("roles_change_of", { name: `Rol ${mark}` }) }));
      await visitor.settled();
      await keys.press(button("roles_delete"));
      await page.waitForURL((url) => url.pathname === "/roles");
      await expect(page.getByText(`Rol ${mark}`)).toHaveCount(0);
      await visitor.settled();

      // Changes a setting, and sets it back.
      await go("nav_settings", "/settings");
      const days = field("setting_retention_days");
      await keys.write(days, "91");
      await page.keyboard.press("Enter");
      await expect(page.getByText(t("settings_saved"))).toBeVisible();
      await expect(days).toHaveValue("91");
      await visitor.settled();
      await keys.press(button("settings_reset_all"));
      await expect(days).toHaveValue("90");
      await visitor.settled();

      // Reads what was done to the person.
      await go("nav_audit", "/audit");
      await keys.write(field("audit_target"), `isil ${mark}`);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.search.includes("target="));
      await visitor.settled();
      await expect(page.locator(".log-row")).not.toHaveCount(0);
      const details = page.locator(".log-row summary").first();
      await keys.press(details);
      await expect(page.locator(".log-row details[open]")).toHaveCount(1);

      // Deletes her, which takes her email to confirm.
      await go("nav_people", "/users");
      await keys.write(page.getByRole("searchbox"), email);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.search.includes("q="));
      await visitor.settled();
      await keys.press(page.getByRole("link", { name: `Işıl ${mark}` }));
      await page.waitForURL((url) => /^\/users\/.{36}$/.test(url.pathname));
      await visitor.settled();
      await keys.press(page.locator("summary", { hasText: t("person_delete_title") }));
      await keys.write(field("person_delete_confirm"), email);
      await keys.press(button("act_delete"));
      await page.waitForURL((url) => url.pathname === "/users");
      await visitor.settled();

      // Signs out.
      await keys.press(button("sign_out"));
      await page.waitForURL((url) => url.pathname === "/login");
    });
  });
}
