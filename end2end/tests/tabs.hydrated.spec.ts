import { addPerson } from "../support/people.ts";
import { blockStorage } from "../support/storage.ts";
import { expect, test } from "../support/test.ts";

/** The promise is "within a second". */
const SOON = { timeout: 1000 };

for (const storage of ["with storage", "with storage blocked"]) {
  test.describe(storage, () => {
    test.beforeEach(async ({ context }) => {
      if (storage === "with storage blocked") {
        await blockStorage(context);
      }
    });

    test("signing out in one tab signs out the others", async ({ page, visitor, person, anotherTab }) => {
      await visitor.arrive(person);
      const other = await anotherTab();
      await other.open("/");
      await expect(other.greeting(person)).toBeVisible();

      await visitor.signOutButton.click();
      await page.waitForURL("**/login");
      await expect(other.greeting(person)).toBeHidden(SOON);
      await expect(other.page).toHaveURL(`${other.server.url}/login`);
      await expect(other.page.getByText(person.email)).toHaveCount(0);
    });

    test("signing in in one tab also continues from another tab's login page", async ({ page, server, visitor, person, anotherTab }) => {
      await visitor.open("/login");
      const other = await anotherTab();
      await other.open("/login?redirect=%2F%3Fweek%3D16");
      await visitor.signIn(person);
      await expect(page).toHaveURL(`${server.url}/`);
      await expect(other.page).toHaveURL(`${server.url}/?week=16`);
      await expect(other.greeting(person)).toBeVisible();
    });

    test("when another user signs in in one tab, other tabs show nothing of the first", async ({ page, server, visitor, person, anotherTab }) => {
      const second = await addPerson(server, { name: "Mehmet Öz", role: "viewer" });
      await visitor.arrive(person);
      const other = await anotherTab();
      await other.open("/");
      await expect(other.greeting(person)).toBeVisible();

      // Another user signs in with the same browser while the first user's pages are open.
      const answer = await page.request.post("/api/auth/login", {
        headers: { "x-csrf-token": (await visitor.cookie("csrf-token")) ?? "" },
        data: { email: second.email, password: second.password },
      });
      expect(answer.status()).toBe(200);
      const theirs = await anotherTab();
      await theirs.open("/");
      await expect(theirs.greeting(second)).toBeVisible();

      for (const tab of [visitor, other]) {
        await expect(tab.greeting(second)).toBeVisible();
        await expect(tab.page.locator("body")).not.toContainText(person.name);
        await expect(tab.page.locator("body")).not.toContainText(person.email);
      }
    });
  });
}

test("a tab is signed out at its next request after the session ended elsewhere", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await server.cli(["user", "disable", person.email]);
  await visitor.reload();
  await expect(page).toHaveURL(/\/login\?redirect=%2F$/);
  expect(await visitor.mirror()).toBeNull();
});

test("two login pages open at the same time both work", async ({ visitor, person, anotherTab }) => {
  const other = await anotherTab();
  await visitor.open("/login");
  await other.open("/login");
  await visitor.signIn(person);
  await expect(other.greeting(person)).toBeVisible();
  await other.settled();
  await other.signOut();
  await expect(visitor.email).toBeVisible();
  await visitor.settled();
  await visitor.signIn(person);
  await expect(visitor.greeting(person)).toBeVisible();
});
