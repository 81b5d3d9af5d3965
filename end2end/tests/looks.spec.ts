import { SCENES } from "../support/scenes.ts";
import { expect, freshTest, test } from "../support/test.ts";

const SIGNED_IN = SCENES.map(({ name }) => name).filter((name) => name.startsWith("the administrator")).concat(["dashboard", "dashboard of a user with few permissions", "account", "a new password that is required", "a page that does not exist"]);

for (const locale of ["en-GB", "tr-TR"]) {
  test.describe(locale, () => {
    test.use({ locale, viewport: { width: 320, height: 640 } });

    for (const { name, fresh, show } of SCENES) {
      (fresh ? freshTest : test)(`fits on 320 px without scrolling sideways: ${name}`, async ({ page, visitor, server, watch }) => {
        await show({ visitor, server, watch });
        // A wide table scrolls inside its frame (WCAG 1.4.10 allows it for tables).
        const sticksOut = await page.evaluate(() => {
          const width = document.documentElement.clientWidth;
          const all = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && !element.closest("svg, .visually-hidden, .skip-link, .grid-frame > *"));
          return all.filter((element) => element.getBoundingClientRect().right > width + 0.5).map((element) => element.outerHTML.slice(0, 120));
        });
        expect(sticksOut).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);

        // Targets are at least 24 px large (WCAG 2.5.8), and the sign-out button is visible.
        const small = await page.evaluate(() => {
          const targets = [...document.querySelectorAll("a[href]:not(.skip-link), button, input:not([type=hidden]), label.check, label.choice")];
          return targets
            .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(":is(label.check, label.choice) > *"))
            .filter((element) => element.getBoundingClientRect().height < 24 || element.getBoundingClientRect().width < 24)
            .map((element) => element.outerHTML);
        });
        expect(small).toEqual([]);
        const way = page.getByRole("button", { name: locale === "tr-TR" ? "Çıkış yap" : "Sign out", exact: true });
        if (SIGNED_IN.includes(name)) {
          // A field that receives the focus during the load may scroll the page later.
          await expect(async () => {
            await page.evaluate(() => window.scrollTo(0, 0));
            await expect(way).toBeInViewport({ timeout: 500 });
          }).toPass();
        } else {
          await expect(way).toHaveCount(0);
        }
      });
    }
  });
}

test.describe("enlarged to 400 %", () => {
  test.use({ viewport: { width: 320, height: 256 } });

  test("the form can be reached and used", async ({ visitor, person }) => {
    await visitor.arrive(person);
    await visitor.signOut();
  });
});

test("a printed page has no buttons", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await page.emulateMedia({ media: "print" });
  await expect(visitor.greeting(person)).toBeVisible();
  await expect(page.locator(".sign-out")).toBeHidden();
});
