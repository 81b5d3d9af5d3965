import { png } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

const ME = { name: "me.png", mimeType: "image/png", buffer: png(300, [156, 61, 28]) };

test("name, phone and theme can be changed", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const profile = page.getByRole("region", { name: "Profile" });
  await expect(profile.getByLabel("Name")).toHaveValue(person.name);
  await profile.getByLabel("Name").fill("Ayşe Işık");
  await profile.getByLabel("Phone").fill("+90 312 555 00 11");
  await profile.getByLabel("Theme").selectOption("dark");
  await profile.getByRole("button", { name: "Save changes" }).click();
  await expect(profile.getByText("Your profile has been saved.")).toBeVisible();
  await expect(page.getByRole("banner")).toContainText("Ayşe Işık");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await visitor.open("/account");
  await expect(profile.getByLabel("Phone")).toHaveValue("+90 312 555 00 11");
  await expect(profile.getByLabel("Theme")).toHaveValue("dark");
});

test("an error is shown at its field, and the typed value is kept", async ({ page, visitor, person, watch }) => {
  watch.expectCall(422, "POST /api/account/profile");
  await visitor.arrive(person);
  await visitor.open("/account");
  const profile = page.getByRole("region", { name: "Profile" });
  await profile.getByLabel("Phone").fill("call me");
  await profile.getByRole("button", { name: "Save changes" }).click();
  await expect(page.locator("#phone-error")).toContainText("not a phone number");
  await expect(profile.getByLabel("Phone")).toHaveValue("call me");
  await expect(profile.getByLabel("Phone")).toHaveAttribute("aria-invalid", "true");
  // The other forms of the page show no error.
  await expect(page.getByText("Please check the marked fields.")).toHaveCount(1);
  await expect(page.getByText("Your profile has been saved.")).toHaveCount(0);
});

test("a new language applies at once", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  await page.getByLabel("Language", { exact: true }).and(page.locator("select")).selectOption("tr");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
  await expect(page.locator("select[name=language]")).toHaveValue("tr");
  await expect(page.getByText("Profiliniz kaydedildi.")).toBeVisible();
});

test("a picture can be chosen, shown and removed", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const panel = page.getByRole("region", { name: "Picture" });
  await expect(panel.getByRole("button", { name: "Remove the picture" })).toHaveCount(0);
  await panel.getByLabel("New picture").setInputFiles(ME);
  await panel.getByRole("button", { name: "Use this picture" }).click();
  await expect(panel.getByText("Your new picture is there.")).toBeVisible();
  const shown = page.getByRole("banner").locator("img.avatar");
  await expect(shown).toHaveAttribute("src", /^\/pictures\/[0-9a-f]{64}\.jpg$/);
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256);
  await panel.getByRole("button", { name: "Remove the picture" }).click();
  await expect(panel.getByText("Your picture has been removed.")).toBeVisible();
  await expect(page.locator("img.avatar")).toHaveCount(0);
});

test("a file that is no picture is refused with a message", async ({ page, visitor, person, watch }) => {
  watch.expectCall(422, "POST /api/account/picture");
  await visitor.arrive(person);
  await visitor.open("/account");
  const panel = page.getByRole("region", { name: "Picture" });
  await panel.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await panel.getByRole("button", { name: "Use this picture" }).click();
  await expect(page.locator("#picture-error")).toContainText("no picture that can be used");
});

test("more than 5 MB is too large", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const panel = page.getByRole("region", { name: "Picture" });
  await panel.getByLabel("New picture").setInputFiles({ ...ME, buffer: Buffer.alloc(6_000_000) });
  await panel.getByRole("button", { name: "Use this picture" }).click();
  await expect(panel.getByText("This is too large.")).toBeVisible();
});
