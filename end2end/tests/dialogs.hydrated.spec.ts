import { AxeBuilder } from "@axe-core/playwright";
import { FIREFOX, type Person, USER_AGENTS, revokeSessions, signInElsewhere } from "../support/people.ts";
import type { Server } from "../support/server.ts";
import { type Page, expect, test } from "../support/test.ts";
import type { Visitor } from "../support/visitor.ts";

interface At {
  page: Page;
  visitor: Visitor;
  server: Server;
  person: Person;
}

/** Every dialog or notice that can cover a page. */
const OVERLAYS: { name: string; refused?: [number, string]; show: (at: At) => Promise<void> }[] = [
  {
    name: "the last minute",
    show: async ({ page }) => {
      await page.clock.fastForward("30:20");
      await page.locator("dialog[role=alertdialog]").waitFor();
    },
  },
  {
    name: "the covering sign-in",
    show: async ({ page, server, person }) => {
      await revokeSessions(server, person);
      await page.locator("dialog.dialog-covers").waitFor();
    },
  },
  {
    name: "which session ends",
    refused: [409, "POST /api/auth/login"],
    show: async ({ page, server, person }) => {
      await revokeSessions(server, person);
      await page.locator("dialog.dialog-covers").waitFor();
      await signInElsewhere(server, person, [...USER_AGENTS, ...Array.from({ length: 20 - USER_AGENTS.length }, () => "curl/8.5.0")]);
      await page.locator("#password").fill(person.password);
      await page.locator("dialog button[type=submit]").click();
      await page.locator("[name=handle]").first().waitFor();
    },
  },
  {
    name: "signed out without a connection",
    show: async ({ page }) => {
      await page.context().setOffline(true);
      await page.locator(".sign-out button").click();
      await page.locator("dialog.dialog-covers").waitFor();
    },
  },
  {
    name: "a new sign-in",
    show: async ({ page, server, person }) => {
      await signInElsewhere(server, person, [FIREFOX]);
      await page.locator(".toast").waitFor();
    },
  },
  {
    name: "the password once more",
    refused: [403, "POST /api/account/sessions/end"],
    show: async ({ page, server, person }) => {
      await page.route("**/api/account/sessions/end", (route) =>
        route.fulfill({ status: 403, json: { success: false, error: "x", code: "reauth_required" } }),
      );
      await signInElsewhere(server, person, [FIREFOX]);
      await page.locator(".toast .button-primary").click();
      await page.locator("#password").waitFor();
    },
  },
];

async function enter({ page, visitor, person }: At): Promise<void> {
  await page.clock.install();
  await visitor.open("/login");
  await page.locator("[name=email]").fill(person.email);
  await page.locator("[name=password]").fill(person.password);
  await visitor.listening(async () => {
    await page.locator("form button[type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/");
    await visitor.settled();
  });
}

for (const { name, refused, show } of OVERLAYS) {
  test(`axe finds no violations: ${name}`, async ({ page, visitor, server, person, watch }) => {
    watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/);
    if (refused) {
      watch.expectCall(...refused);
    }
    await enter({ page, visitor, server, person });
    await show({ page, visitor, server, person });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        if (process.env.LOOK) {
          await page.screenshot({ path: `${process.env.LOOK}/${name.replaceAll(" ", "-")}-${colorScheme}-${width}.png` });
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
        expect(found, `${colorScheme}, ${width} px`).toEqual([]);
      }
    }
  });

  for (const locale of ["en-GB", "tr-TR"]) {
    test.describe(locale, () => {
      test.use({ locale, viewport: { width: 320, height: 640 } });

      test(`fits on 320 px: ${name}`, async ({ page, visitor, server, person, watch }) => {
        watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/);
        if (refused) {
          watch.expectCall(...refused);
        }
        await enter({ page, visitor, server, person });
        await show({ page, visitor, server, person });
        const box = page.locator("dialog[open], .toast").last();
        const sticksOut = await box.evaluate((dialog) => {
          const width = document.documentElement.clientWidth;
          return [dialog, ...dialog.querySelectorAll("*")].filter((e) => e.checkVisibility() && !e.closest(".visually-hidden") && e.getBoundingClientRect().right > width + 0.5).map((e) => e.outerHTML.slice(0, 100));
        });
        expect(sticksOut).toEqual([]);
        const small = await box.evaluate((dialog) =>
          [...dialog.querySelectorAll("button, input:not([type=hidden], [type=checkbox], [type=radio]), label.check, label.choice")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML),
        );
        expect(small).toEqual([]);
      });
    });
  }
}
