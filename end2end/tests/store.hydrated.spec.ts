import { addPerson } from "../support/people.ts";
import { expect, test } from "../support/test.ts";

test("the mirror holds exactly the six fields of the contract", async ({ visitor, person }) => {
  await visitor.arrive(person);
  const mirror = JSON.parse((await visitor.mirror()) ?? "null");
  expect(mirror).toEqual({
    userId: person.id,
    email: person.email,
    name: person.name,
    role: "staff",
    permissions: ["messages:access"],
    avatar: null,
  });
  // The browser stores nothing else.
  expect(await visitor.page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)])).toEqual([["auth-session"], []]);
  expect(await visitor.page.evaluate(() => document.cookie)).toMatch(/^csrf-token=[^;]+$/);
});

test("a forged mirror gives no access and is corrected", async ({ page, request, visitor, person }) => {
  await visitor.arrive(person);
  const forged = JSON.stringify({
    userId: person.id,
    email: "root@dernek.example",
    name: "Root",
    role: "admin",
    permissions: ["users:manage", "audit:view"],
    avatar: null,
  });
  await page.evaluate((json) => localStorage.setItem("auth-session", json), forged);
  await visitor.reload();
  await expect(visitor.greeting(person)).toBeVisible();
  await expect(page.getByText("Staff", { exact: true })).toBeVisible();
  await expect(page.getByText("Manage users")).toHaveCount(0);
  expect(JSON.parse((await visitor.mirror()) ?? "null")).toMatchObject({ email: person.email, role: "staff", permissions: ["messages:access"] });

  const user = await request.get("/api/auth/user", { headers: { cookie: `auth-session=${await visitor.cookie("auth-session")}` } });
  expect((await user.json()).data).toMatchObject({ role: "staff", permissions: ["messages:access"] });
});

test("a mirror without a session signs nobody in", async ({ page, visitor, person }) => {
  await visitor.open("/login");
  const mirror = { userId: person.id, email: person.email, name: person.name, role: "admin", permissions: [], avatar: null };
  await page.evaluate((json) => localStorage.setItem("auth-session", json), JSON.stringify(mirror));
  await visitor.open("/");
  await expect(page).toHaveURL(/\/login\?redirect=%2F$/);
  await expect(visitor.signOutButton).toHaveCount(0);
  expect(await visitor.mirror()).toBeNull();
});

for (const broken of ["{", "null", '{"userId":1}', "[]", "x".repeat(100_000)]) {
  test(`a malformed mirror is removed: ${broken.slice(0, 12)}`, async ({ page, visitor, person }) => {
    await visitor.open("/login");
    await page.evaluate((text) => localStorage.setItem("auth-session", text), broken);
    await visitor.reload();
    await expect.poll(() => visitor.mirror()).toBeNull();

    await page.evaluate((text) => localStorage.setItem("auth-session", text), broken);
    await visitor.signIn(person);
    await expect(visitor.greeting(person)).toBeVisible();
    await expect.poll(async () => JSON.parse((await visitor.mirror()) ?? "null")).toMatchObject({ userId: person.id });
  });
}

test("signing out offline empties the browser at once", async ({ context, page, visitor, watch, person, anotherTab }) => {
  watch.tolerate(/net::ERR_INTERNET_DISCONNECTED/);
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  await context.setOffline(true);
  await visitor.signOutButton.click();
  for (const tab of [visitor, other]) {
    await expect(tab.greeting(person)).toHaveCount(0);
    await expect(tab.page.getByText(person.email)).toHaveCount(0);
  }
  await context.setOffline(false);
  // The server has received the sign-out, and the tabs go to the login page.
  for (const tab of [visitor, other]) {
    await tab.page.waitForURL("**/login");
    await tab.settled();
  }
  // Read from a page that runs no script of the panel.
  await page.route("**/blank", (route) => route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }));
  await page.goto("/blank");
  expect(await visitor.mirror()).toBeNull();
});

test("the next sign-in replaces the previous user's mirror", async ({ server, visitor, person }) => {
  const next = await addPerson(server, { name: "Mehmet Öz", role: "viewer" });
  await visitor.arrive(person);
  await visitor.signOut();
  await visitor.signIn(next);
  await expect.poll(async () => JSON.parse((await visitor.mirror()) ?? "null")).toMatchObject({ userId: next.id, name: "Mehmet Öz", role: "viewer" });
});
