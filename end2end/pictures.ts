// The README's pictures: the dashboard of somebody who is signed in, light and dark.
import { join, resolve } from "node:path";

import { test } from "@playwright/test";

import { addPerson, failSignIns, signInElsewhere } from "./support/people.ts";
import { Server } from "./support/server.ts";

const FOLDER = resolve(import.meta.dirname, "../docs");

for (const colorScheme of ["light", "dark"] as const) {
  test(`the panel in the ${colorScheme} theme`, async ({ browser }) => {
    const server = await Server.start();
    try {
      const person = await addPerson(server, { role: "member", email: "ayse.yilmaz@dernek.example" });
      await signInElsewhere(server, person);
      await failSignIns(server, person.email, 2);

      const page = await browser.newPage({ colorScheme, locale: "en-GB", viewport: { width: 1180, height: 760 } });
      await page.goto(`${server.url}/login`);
      await page.getByLabel("Email").fill(person.email);
      await page.getByLabel("Password", { exact: true }).fill(person.password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("heading", { level: 1, name: person.name }).waitFor();
      // The program writes times in the reader's own time zone.
      await page.locator("html[data-hydrated=true]").waitFor();
      await page.screenshot({ path: join(FOLDER, `panel-${colorScheme}.png`), animations: "disabled", fullPage: true });
    } finally {
      await server.remove();
    }
  });
}
