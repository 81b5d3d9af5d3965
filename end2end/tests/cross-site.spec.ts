import { otherSite } from "../support/other-site.ts";
import { invitePerson } from "../support/people.ts";
import { test as base, expect } from "../support/test.ts";

const test = base.extend<{ visit: (body: string) => Promise<void> }>({
  /** Opens a page of another site. */
  visit: async ({ page, watch }, use) => {
    const sites: { close: () => Promise<void> }[] = [];
    await use(async (body) => {
      const site = await otherSite(body);
      sites.push(site);
      watch.allowSite(site.url);
      await page.goto(site.url);
    });
    await Promise.all(sites.map((site) => site.close()));
  },
});

test("a link from another site opens its page with a session", async ({ page, server, visit, visitor, person }) => {
  await visitor.arrive(person);
  await visit(`<a href="${server.url}/?week=17">This week</a>`);
  await page.getByRole("link", { name: "This week" }).click();
  await expect(visitor.greeting(person)).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/?week=17`);
  await visitor.settled();

  // The page works like any other: it can be reloaded, and signing out works.
  await visitor.reload();
  await expect(visitor.greeting(person)).toBeVisible();
  await visitor.signOut();
});

test("a link from another site without a session leads through the login to its page", async ({ page, server, visit, visitor, person }) => {
  await visit(`<a href="${server.url}/?week=18">This week</a>`);
  await page.getByRole("link", { name: "This week" }).click();
  await expect(page).toHaveURL(`${server.url}/login?redirect=%2F%3Fweek%3D18`);
  await visitor.settled();
  await visitor.signIn(person);
  await expect(page).toHaveURL(`${server.url}/?week=18`);
});

test("an activation link in web mail works", async ({ page, server, visit, visitor }) => {
  const { person, link } = await invitePerson(server);
  await visit(`<a href="${link}">Your account</a>`);
  await page.getByRole("link", { name: "Your account" }).click();
  await expect(page.getByRole("heading", { name: "Activate your account" })).toBeVisible();
  await visitor.settled();
  await visitor.password.fill(person.password);
  await page.getByRole("button", { name: "Save the password" }).click();
  await expect(visitor.email).toHaveValue(person.email);
});

test("another site cannot sign a user out", async ({ page, server, visit, visitor, person }) => {
  await visitor.arrive(person);
  await visit(`<form method="post" action="${server.url}/api/auth/logout"><button>Win a prize</button></form>`);
  await page.getByRole("button", { name: "Win a prize" }).click();
  await expect(visitor.greeting(person)).toBeVisible();
  await visitor.settled();
  await visitor.reload();
  await expect(visitor.greeting(person)).toBeVisible();
});

test("another site cannot sign a user in", async ({ page, server, visit, visitor, person }) => {
  await visit(`<form method="post" action="${server.url}/api/auth/login">
    <input type="hidden" name="email" value="${person.email}"><input type="hidden" name="password" value="${person.password}">
    <button>Win a prize</button></form>`);
  await page.getByRole("button", { name: "Win a prize" }).click();
  await expect(visitor.alert).toHaveText("This page was out of date. Please try again.");
  expect(await visitor.cookie("auth-session")).toBeUndefined();
});
