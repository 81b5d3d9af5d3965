import { png } from "../support/pictures.ts";
import { blockStorage } from "../support/storage.ts";
import { newEmail } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

for (const storage of ["with storage", "with storage blocked"]) {
  test.describe(storage, () => {
    test.beforeEach(async ({ context }) => {
      if (storage === "with storage blocked") {
        await blockStorage(context);
      }
    });

    test("a new name and picture appear in the other tabs", async ({ page, visitor, person, anotherTab }) => {
      await visitor.arrive(person);
      const other = await anotherTab();
      await other.open("/");
      await visitor.open("/account");
      await page.getByLabel("Name").fill("Ayşe Demir");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(other.greeting({ name: "Ayşe Demir" })).toBeVisible({ timeout: 2000 });

      await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: png(64, [30, 90, 140]) });
      await page.getByRole("button", { name: "Use this picture" }).click();
      await expect(other.page.getByRole("banner").locator("img.avatar")).toBeVisible();
      if (storage === "with storage") {
        expect(JSON.parse((await visitor.mirror()) ?? "{}")).toMatchObject({ name: "Ayşe Demir", avatar: expect.stringMatching(/^\/pictures\//) });
      }
    });
  });
}

test("a new email is announced on the other device, but not where it was changed", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  await visitor.arrive(person);
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  await page.getByRole("button", { name: "It was me" }).click();
  const email = newEmail();
  await other.open("/account");
  await other.page.getByLabel("Email").fill(email);
  await other.page.getByRole("button", { name: "Save changes" }).click();
  const notice = page.getByRole("region", { name: "New email" });
  await expect(notice).toContainText(email);
  await expect(other.page.getByText("Your profile has been saved.")).toBeVisible();
  await expect(other.page.getByRole("region", { name: "New email" })).toHaveCount(0);
  await notice.getByRole("link", { name: "Not me: change the password" }).click();
  await page.waitForURL("/account#password");
  await expect(page.locator("#sign-ins")).toContainText("Email changed");
});

test("a chosen picture has a preview before it is sent", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: png(64, [30, 90, 140]) });
  await expect(page.getByAltText("Preview of the new picture")).toBeVisible();
  await expect(page.getByRole("banner").locator("img.avatar")).toHaveCount(0);
});

test("a file that is no picture keeps the initials", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const shown = page.getByRole("region", { name: "Picture" }).locator(".avatar");
  const initials = await shown.innerText();
  const refused = page.evaluate(
    () => new Promise<void>((done) => document.addEventListener("error", () => done(), { capture: true, once: true })),
  );
  await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await refused;
  await expect(shown).toHaveText(initials);
  await expect(page.getByAltText("Preview of the new picture")).toHaveCount(0);
});

test("when the server is unreachable, the chosen picture is kept and the page says why", async ({ page, visitor, person, watch }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  watch.tolerate(/ERR_FAILED|Failed to load resource/);
  await page.route("**/api/account/picture", (route) => route.abort());
  await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: png(64, [30, 90, 140]) });
  await page.getByRole("button", { name: "Use this picture" }).click();
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await expect(page.getByAltText("Preview of the new picture")).toBeVisible();
});
