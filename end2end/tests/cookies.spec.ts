import { addPerson } from "../support/people.ts";
import { Front } from "../support/front.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

test("a browser that blocks cookies is told to allow them at every attempt", async ({ page, scripted, watch }) => {
  const front = await Front.start();
  try {
    watch.allowSite(front.url);
    // Removes all cookies, as a browser does that blocks them.
    front.headers = ({ "set-cookie": _, ...headers }) => headers;
    const visitor = new Visitor(page, front.server, scripted);
    const person = await addPerson(front.server);
    await page.goto(`${front.url}/login`);
    await visitor.settled();
    for (let tries = 0; tries < 2; tries += 1) {
      watch.expectCall(403, "POST /api/auth/login");
      await visitor.tryToSignIn(person);
      await expect(visitor.alert).toContainText("Allow cookies for this site");
      await expect(page.getByText("This page was out of date")).toHaveCount(0);
    }
    // The user allows cookies, as the page asked.
    front.headers = (headers) => headers;
    await page.goto(`${front.url}/login`);
    await visitor.signIn(person);
    await expect(visitor.greeting(person)).toBeVisible();
  } finally {
    await page.goto("about:blank");
    await front.close();
  }
});

test("a lost CSRF token is not reported as blocked cookies", async ({ context, page, visitor, person, watch, scripted }) => {
  await visitor.open("/login");
  await context.clearCookies({ name: "csrf-token" });
  await context.addCookies([{ name: "language", value: "en", url: visitor.server.url }]);
  watch.expectCall(403, "POST /api/auth/login");
  await visitor.tryToSignIn(person);
  if (!scripted) {
    await expect(visitor.alert).toContainText("This page was out of date. Please try again.");
    await visitor.tryToSignIn(person);
  }
  await page.waitForURL((url) => url.pathname === "/");
  await expect(visitor.greeting(person)).toBeVisible();
});
