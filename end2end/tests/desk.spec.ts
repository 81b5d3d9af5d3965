import { addPerson, failSignIns, newEmail } from "../support/people.ts";
import { enter } from "../support/scenes.ts";
import { expect, freshTest, test } from "../support/test.ts";

// Runs with scripts and without: the forms are the same.

for (const [locale, words] of Object.entries({
  "en-GB": {
    people: "People", add: "Add a person", name: "Name", email: "Email", submit: "Add and make the link", find: "Search", show: "Show",
    disable: "Disable", enable: "Enable", done: "Done for 1 person.", link: /Give this link to Yeni Gelen/, disabled: "Disabled", active: "Invited",
    settings: "Settings", idle: "Minutes without activity until a session ends", save: "Save settings", saved: "Saved. The new rules are in force.",
    wrong: "Enter a whole number from 5 to 1440.", lockouts: "Lockouts", lift: "Lift lockout", nobody: "Nobody is locked out.", records: "Records", changed: "Settings changed",
    roles: "Roles", newRole: "New role", roleName: "Name", review: "See what changes", saveRole: "Save the role", roleSaved: "The role is saved.", rights: "Role", saveRights: "Save role and permissions", gains: /gets:/, everybody: "Act on everybody found", addLabels: "Add labels", assign: "Assign", doneMany: "Done for 3 people.", reports: /Reports/, forgot: /Ask an administrator/,
  },
  "tr-TR": {
    people: "Kişiler", add: "Kişi ekle", name: "Ad soyad", email: "E-posta", submit: "Ekle ve bağlantıyı oluştur", find: "Ara", show: "Göster",
    disable: "Devre dışı bırak", enable: "Etkinleştir", done: "1 kişi için yapıldı.", link: /Bu bağlantıyı Yeni Gelen/, disabled: "Devre dışı", active: "Davetli",
    settings: "Ayarlar", idle: "Oturumun kapanması için hareketsiz geçen dakika", save: "Ayarları kaydet", saved: "Kaydedildi. Yeni kurallar yürürlükte.",
    wrong: "5 ile 1440 arasında bir tam sayı girin.", lockouts: "Kilitler", lift: "Kilidi kaldır", nobody: "Kilitli kimse yok.", records: "Kayıtlar", changed: "Ayarlar değiştirildi",
    roles: "Roller", newRole: "Yeni rol", roleName: "Ad", review: "Neyin değişeceğini gör", saveRole: "Rolü kaydet", roleSaved: "Rol kaydedildi.", rights: "Rol", saveRights: "Rol ve yetkileri kaydet", gains: /kazanacak:/, everybody: "Bulunan herkese uygula", addLabels: "Etiket ekle", assign: "Ata", doneMany: "3 kişi için yapıldı.", reports: /Raporlar/, forgot: /bir yöneticisine sorun/,
  },
})) {
  test.describe(locale, () => {
    test.use({ locale });

    test("an administrator adds, finds, disables and enables a person", async ({ page, visitor, server }) => {
      const admin = await addPerson(server, { role: "admin" });
      await enter(visitor, admin);
      await page.getByRole("navigation").getByRole("link", { name: words.people }).click();
      await visitor.settled();
      await page.getByRole("link", { name: words.add }).click();
      await visitor.settled();
      const email = newEmail();
      await page.locator("[name=name]").fill("Yeni Gelen");
      await page.locator("[name=email]").fill(email);
      await page.getByRole("button", { name: words.submit }).click();
      await expect(page.getByText(words.done)).toBeVisible();
      const link = await page.getByLabel(words.link).inputValue();
      expect(link).toContain("/activate?token=");
      await visitor.settled();

      await page.getByLabel(words.find, { exact: true }).fill(email.toUpperCase());
      await page.getByRole("button", { name: words.show }).click();
      await page.waitForURL((url) => url.search.includes("q="));
      await visitor.settled();
      const row = page.getByRole("row").filter({ hasText: email });
      await expect(page.getByRole("row")).toHaveCount(2);
      await row.getByRole("checkbox").check();
      await page.getByRole("button", { name: words.disable, exact: true }).click();
      await expect(page.getByText(words.done)).toBeVisible();
      await expect(row).toContainText(words.disabled);
      await visitor.settled();
      await row.getByRole("checkbox").check();
      await page.getByRole("button", { name: words.enable, exact: true }).click();
      await expect(row).toContainText(words.active);
    });

    test("an administrator lifts a lockout and changes a setting, and both are on record", async ({ page, visitor, server, watch }) => {
      const locked = await addPerson(server);
      await failSignIns(server, locked.email, 5);
      const admin = await addPerson(server, { role: "admin" });
      await enter(visitor, admin);
      await visitor.open(`/lockouts?q=${encodeURIComponent(locked.email)}`);
      await page.getByRole("row").filter({ hasText: locked.email }).getByRole("checkbox").check();
      await page.getByRole("button", { name: words.lift }).click();
      await expect(page.getByText(words.nobody)).toBeVisible();
      await visitor.settled();

      await visitor.open("/settings");
      watch.expectCall(422, "POST /api/settings/policy");
      await page.getByLabel(words.idle).fill("4");
      await page.getByRole("button", { name: words.save }).last().click();
      await expect(page.getByText(words.wrong)).toBeVisible();
      await visitor.settled();
      await page.getByLabel(words.idle).fill("1000");
      await page.getByRole("button", { name: words.save }).last().click();
      await expect(page.getByText(words.saved)).toBeVisible();
      await expect(page.getByLabel(words.idle)).toHaveValue("1000");
      await visitor.open("/audit?action=policy_changed");
      await expect(page.locator(".badge", { hasText: words.changed }).first()).toBeVisible();
      await visitor.open("/settings");
      await page.getByLabel(words.idle).fill("30");
      await page.getByRole("button", { name: words.save }).last().click();
      await expect(page.getByText(words.saved)).toBeVisible();
    });

    // On a server of its own: a role that stays widens the grid that other tests look at.
    freshTest("an administrator makes a role, gives it to somebody and acts on everybody found", async ({ page, visitor, server }) => {
      const mark = newEmail().split("@")[0] ?? "";
      const people = await Promise.all([1, 2, 3].map((n) => addPerson(server, { name: `Toplu ${mark} ${n}` })));
      const admin = await addPerson(server, { role: "admin" });
      await visitor.open("/login");
      await expect(page.getByText(words.forgot)).toBeVisible();
      await enter(visitor, admin);
      await page.getByRole("navigation").getByRole("link", { name: words.roles }).click();
      await visitor.settled();
      await page.getByRole("link", { name: words.newRole }).click();
      await visitor.settled();
      await page.getByLabel(words.roleName, { exact: true }).fill(`Rol ${mark}`);
      await page.getByRole("checkbox", { name: words.reports }).check();
      await page.getByRole("button", { name: words.review }).click();
      await visitor.settled();
      await page.getByRole("button", { name: words.saveRole }).click();
      await expect(page.getByText(words.roleSaved)).toBeVisible();
      await expect(page.getByRole("columnheader").filter({ hasText: `Rol ${mark}` })).toBeVisible();
      await visitor.settled();

      await visitor.open(`/users/${people[0]?.id}`);
      await page.getByLabel(words.rights, { exact: true }).selectOption({ label: `Rol ${mark}` });
      await page.getByRole("button", { name: words.review }).click();
      await visitor.settled();
      await expect(page.getByRole("heading", { name: words.gains })).toBeVisible();
      await page.getByRole("button", { name: words.saveRights }).click();
      await expect(page.locator(".person-card")).toContainText(`Rol ${mark}`);
      await visitor.settled();

      await visitor.open(`/users?q=${encodeURIComponent(mark)}`);
      await page.getByRole("link", { name: words.everybody }).click();
      await visitor.settled();
      await page.getByLabel(words.addLabels).fill("Ankara");
      await page.getByRole("button", { name: words.assign, exact: true }).click();
      await expect(page.getByText(words.doneMany)).toBeVisible();
      await expect(page.getByRole("row").filter({ hasText: "Ankara" })).toHaveCount(3);
    });
  });
}
