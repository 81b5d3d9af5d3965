import { SCENES } from "../support/scenes.ts";
import { test } from "../support/test.ts";

for (const locale of ["en-GB", "tr-TR"]) {
  test.describe(locale, () => {
    test.use({ locale });
    for (const { name, show } of SCENES) {
      test(name, async ({ page, visitor, server, watch }) => {
        await show({ visitor, server, watch });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          for (const width of [360, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            await page.screenshot({ path: `/tmp/shots/${name.replaceAll(" ", "-")}.${locale.slice(0, 2)}.${colorScheme}.${width}.png`, fullPage: true });
          }
        }
      });
    }
  });
}
