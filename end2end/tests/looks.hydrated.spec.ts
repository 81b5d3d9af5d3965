import { AxeBuilder } from "@axe-core/playwright";
import { SCENES } from "../support/scenes.ts";
import { expect, freshTest, test } from "../support/test.ts";

for (const { name, fresh, show } of SCENES) {
  (fresh ? freshTest : test)(`axe finds no violations: ${name}`, async ({ page, visitor, server, watch }) => {
    await show({ visitor, server, watch });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const { violations, incomplete } = await new AxeBuilder({ page }).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
        expect(found, `${colorScheme}, ${width} px`).toEqual([]);
        // Contrast that axe can't compute could hide a violation.
        expect(incomplete.map(({ id }) => id), `${colorScheme}, ${width} px`).not.toContain("color-contrast");
      }
    }
  });
}
