import { addPerson } from "../support/people.ts";
import { blockStorage } from "../support/storage.ts";
import { expect, test } from "../support/test.ts";

/** "Within a second" is the promise. */
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

    test("signing in in one tab takes the login page of another along", async ({ page, server, visitor, person, anotherTab }) => {
      await visitor.open("/login");
      const other = await anotherTab();
      await other.open("/login?redirect=%2F%3Fweek%3D16");
      await visitor.signIn(person);
      await expect(page).toHaveURL(`${server.url}/`);
      await expect(other.page).toHaveURL(`${server.url}/?week=16`);
      await expect(other.greeting(person)).toBeVisible();
    });

    test("somebody else in one tab leaves nothing of the first in another", async ({ page, server, visitor, person, anotherTab }) => {
      const second = await addPerson(server, { name: "Mehmet Öz", role: "viewer" });
      await visitor.arrive(person);
      const other = await anotherTab();
      await other.open("/");
      await expect(other.greeting(person)).toBeVisible();

      // The second person takes over the browser's session under the first one's pages.
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

test("a tab whose session was ended elsewhere ends at its next request", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await server.cli(["user", "disable", person.email]);
  await visitor.reload();
  await expect(page).toHaveURL(/\/login\?redirect=%2F$/);
  expect(await visitor.mirror()).toBeNull();
});

test("two login pages open side by side both work", async ({ visitor, person, anotherTab }) => {
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
