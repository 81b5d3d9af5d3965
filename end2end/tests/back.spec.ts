import { expect, test as base } from "../support/test.ts";

const test = base.extend({
  // Playwright disables the back/forward cache, which users' browsers have.
  launchOptions: [
    async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] }),
    { scope: "worker" },
  ],
});

/** A page from the back/forward cache fires no load event to wait for. */
const back = { waitUntil: "commit" } as const;

test("after signing out, going back shows no earlier page", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.open("/?week=1");
  await visitor.open("/?week=2");
  await visitor.signOut();
  for (let steps = 0; steps < 2; steps += 1) {
    await page.goBack(back);
    await expect(visitor.email).toBeVisible();
    await expect(page).toHaveURL(/\/login/);
    await expect(visitor.greeting(person)).toHaveCount(0);
    await expect(page.locator("body")).not.toContainText(person.email);
  }
});

test("after signing in, going back does not return to the login form", async ({ page, visitor, person, scripted }) => {
  await visitor.open("/login?redirect=%2F%3Fweek%3D3");
  await visitor.signIn(person);
  await visitor.open("/?week=4");
  await page.goBack(back);
  await expect(page).toHaveURL(/\/\?week=3$/);
  await expect(visitor.greeting(person)).toBeVisible();
  if (!scripted) {
    // The form is still in the history; the server redirects from it.
    await page.goBack(back);
    await expect(visitor.greeting(person)).toBeVisible();
  }
  await expect(page).toHaveURL(/\/\?week=3$/);
});
