import { failSignIns } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

test("a lockout caused by a stranger does not affect a browser the owner has used before", async ({ page, server, visitor, person, watch, anotherBrowser, scripted }) => {
  await visitor.arrive(person);
  await visitor.signOut();
  await failSignIns(server, person.email, 5);

  watch.expectCall(429, "POST /api/auth/login");
  const newHere = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await newHere.open("/login");
  await newHere.tryToSignIn(person);
  await expect(newHere.alert).toHaveText("Too many failed attempts. Signing in is locked for a while.");

  await visitor.signIn(person);
  await expect(visitor.greeting(person)).toBeVisible();

  const device = (await page.context().cookies()).find(({ name }) => name === "device");
  expect(device).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
  const days = ((device?.expires ?? 0) - Date.now() / 1000) / 86_400;
  expect(days).toBeGreaterThan(399);
  expect(days).toBeLessThanOrEqual(400);
});

test("the owner's browser is locked out only by its own failures", async ({ page, visitor, person, watch, server, anotherBrowser, scripted }) => {
  await visitor.arrive(person);
  await visitor.signOut();
  for (const left of ["4 attempts are left before", "3 attempts are left before", "2 attempts are left before", "One attempt is left before", "No attempts are left;"]) {
    watch.expectCall(401, "POST /api/auth/login");
    await visitor.tryToSignIn({ ...person, password: "not the password" });
    await expect(visitor.alert).toContainText(left);
    await visitor.settled();
  }
  watch.expectCall(429, "POST /api/auth/login");
  await visitor.tryToSignIn(person);
  await expect(page.getByRole("timer")).toBeVisible();

  const newHere = new Visitor(await (await anotherBrowser()).newPage(), server, scripted);
  await newHere.arrive(person);
});
