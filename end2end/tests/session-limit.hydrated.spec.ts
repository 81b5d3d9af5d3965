import { USER_AGENTS, revokeSessions, signInElsewhere } from "../support/people.ts";
import { expect, freshTest as test } from "../support/test.ts";

test("a covered page also asks which session ends, and continues after the choice", async ({ page, server, visitor, person, watch, anotherTab }) => {
  await server.cli(["policy", "set", "sessionLimit", "2"]);
  await visitor.arrive(person);
  const other = await anotherTab();
  await other.open("/");
  const drafts = [await visitor.draft("half a sentence"), await other.draft("the other half")];
  await revokeSessions(server, person);
  await expect(visitor.cover).toBeVisible();
  await signInElsewhere(server, person, USER_AGENTS.slice(0, 2));

  watch.expectCall(409, "POST /api/auth/login");
  await visitor.rememberMe.check();
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await expect(visitor.alert).toHaveText("You are signed in on as many devices as allowed.");
  await expect(page.getByRole("radio")).toHaveCount(2);
  await expect(page.locator("input[type=password]")).toHaveCount(0);

  await visitor.cover.getByRole("button", { name: "Cancel" }).click();
  await expect(visitor.password).toHaveValue("");
  await expect(visitor.alert.getByText(/./)).toHaveCount(0);

  watch.expectCall(409, "POST /api/auth/login");
  await visitor.rememberMe.check();
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await page.getByRole("radio", { name: /Safari 18 · iPhone/ }).check();
  await page.getByRole("button", { name: "End it and sign in" }).click();
  for (const [at, tab] of [visitor, other].entries()) {
    await expect(tab.cover).toBeHidden();
    await expect(tab.greeting(person)).toBeVisible();
    await expect(drafts[at] ?? page.locator("none")).toHaveValue(at === 0 ? "half a sentence" : "the other half");
  }
  const cookies = await page.context().cookies();
  const lasts = (cookies.find(({ name }) => name === "auth-session")?.expires ?? 0) - Date.now() / 1000;
  expect(lasts, "remember me was kept").toBeGreaterThan(29 * 86_400);
  const { stdout } = await server.cli(["session", "list", "--user", person.email, "--json"]);
  const devices = (JSON.parse(stdout) as { browser: string }[]).map(({ browser }) => browser.replace(/ .*/, ""));
  expect(devices).toHaveLength(2);
  expect(devices).not.toContain("Safari");
});
