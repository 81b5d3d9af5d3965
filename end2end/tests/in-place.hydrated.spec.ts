import { FIREFOX, addPerson, signInElsewhere } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

test("a new sign-in appears in the list without a reload: focus, typed values and scroll position stay", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/account"));
  const section = page.getByRole("region", { name: "Where you are signed in" });
  await expect(section.getByRole("listitem")).toHaveCount(1);
  await page.evaluate(() => Object.assign(window, { same: true }));
  const next = page.getByLabel("New password", { exact: true });
  await page.getByLabel("Phone").fill("+90 312 555");
  await next.fill("half a password");
  await next.evaluate((field: HTMLInputElement) => field.setSelectionRange(3, 3));
  await page.locator("#ended summary").click();
  await next.focus();
  const top = () => next.evaluate((field) => Math.round(field.getBoundingClientRect().top));
  const before = await top();

  await signInElsewhere(server, person, [FIREFOX]);
  await expect(section.getByRole("listitem")).toHaveCount(2);
  await expect(section).toContainText("Firefox");
  await expect(next).toBeFocused();
  await expect(next).toHaveValue("half a password");
  await expect(page.getByLabel("Phone")).toHaveValue("+90 312 555");
  await expect(page.locator("#ended details")).toHaveAttribute("open");
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
  // The update was announced politely, and the page was not reloaded.
  await expect(page.locator("#said")).toHaveText("The page has been brought up to date.");
  await expect(page.locator("#said")).toHaveRole("status");
  expect(await page.evaluate(() => "same" in window)).toBe(true);
  // Updated parts work like those of the loaded page.
  await section.getByRole("listitem").last().getByRole("button", { name: /^End/ }).click();
  await expect(section.getByRole("status")).toHaveText("One session was ended.");
  await expect(section.getByRole("heading", { level: 2 })).toBeFocused();
  await expect(section.getByRole("listitem")).toHaveCount(1);
  await expect(next).toHaveValue("half a password");
});

test("the focused button of a session keeps the focus after an update", async ({ page, server, visitor, person }) => {
  await signInElsewhere(server, person, [FIREFOX]);
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/account"));
  const cards = page.getByRole("region", { name: "Where you are signed in" }).getByRole("listitem");
  const end = cards.filter({ hasText: "Firefox" }).getByRole("button");
  await end.focus();
  await signInElsewhere(server, person, ["curl/8.5.0"]);
  await expect(cards).toHaveCount(3);
  await expect(end).toBeFocused();
});

test("a change on another device appears on the dashboard without a reload, and fetching it is no activity", async ({ page, server, visitor, person, anotherBrowser, scripted }) => {
  const other = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await other.arrive(person);
  await other.open("/account");
  await visitor.arrive(person);
  await page.evaluate(() => Object.assign(window, { same: true }));
  const fetched = page.waitForRequest((request) => new URL(request.url()).pathname === "/" && request.resourceType() === "fetch");
  await other.page.getByLabel("Name").fill("Zeynep Kara");
  await other.page.getByRole("button", { name: "Save changes" }).click();
  await expect(visitor.greeting({ name: "Zeynep Kara" })).toBeVisible();
  await expect(page.getByRole("banner")).toContainText("Zeynep Kara");
  expect((await (await fetched).allHeaders())["accept"]).not.toContain("text/html");
  expect(await page.evaluate(() => "same" in window)).toBe(true);
});

test("the message about the user's own change stays when an update arrives", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/account"));
  await page.getByLabel("Phone").fill("+90 312 555 00 11");
  await page.getByRole("button", { name: "Save changes" }).click();
  const saved = page.getByText("Your profile has been saved.");
  await expect(saved).toBeVisible();
  await signInElsewhere(server, person, [FIREFOX]);
  await expect(page.getByRole("region", { name: "Where you are signed in" }).getByRole("listitem")).toHaveCount(2);
  await expect(saved).toBeVisible();
});

test("an updated page shows times in the user's time zone", async ({ anotherBrowser, server, scripted }) => {
  const person = await addPerson(server);
  const page = await (await anotherBrowser({ timezoneId: "Asia/Tokyo" })).newPage();
  const visitor = new Visitor(page, server, scripted);
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/account"));
  await signInElsewhere(server, person, [FIREFOX]);
  await expect(page.getByRole("region", { name: "Where you are signed in" }).getByRole("listitem")).toHaveCount(2);
  await expect(page.locator("time").filter({ hasText: "UTC" })).toHaveCount(0);
});
