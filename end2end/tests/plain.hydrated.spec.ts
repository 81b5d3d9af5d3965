import type { Page } from "@playwright/test";
import { FIREFOX, revokeSessions, signInElsewhere } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import type { Visitor } from "../support/visitor.ts";
import type { Watch } from "../support/watch.ts";

/** Changes that other software makes to a page before the browser's program starts. */
const CHANGES: Record<string, () => void> = {
  // Wraps each text in two elements, as Google Translate does.
  "a translator": () => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const all: Text[] = [];
    while (texts.nextNode()) {
      all.push(texts.currentNode as Text);
    }
    for (const text of all.filter((one) => one.data.trim() && !one.parentElement?.closest("script, style"))) {
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      text.replaceWith(outer);
      outer.append(inner);
      inner.append(text);
    }
  },
  "a bar at the top": () => document.body.prepend(Object.assign(document.createElement("div"), { textContent: "Save 20 % today" })),
  "a bar within the page": () => document.querySelector("main")?.prepend(document.createElement("aside")),
  "icons in fields": () => {
    for (const field of document.querySelectorAll("form input:not([type=hidden])")) {
      field.insertAdjacentElement("beforebegin", document.createElement("div"));
    }
  },
  "a blocker that removes": () => document.querySelectorAll("header svg, footer, main p").forEach((element) => element.remove()),
  "a password manager in forms": () => {
    for (const form of document.forms) {
      form.prepend(document.createElement("com-manager-root"));
      form.append(document.createElement("com-manager-menu"));
    }
  },
  "a minifier that drops comments": () => {
    const comments = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
    const all: Comment[] = [];
    while (comments.nextNode()) {
      all.push(comments.currentNode as Comment);
    }
    all.forEach((comment) => comment.remove());
  },
};

/** A program that crashes reports it on the console. */
function expectCrash(watch: Watch): void {
  watch.tolerate(/panicked at|unreachable|memory access|RuntimeError/);
}

/** Applies a change to every page before the browser's program starts. */
async function interfere(page: Page, change: () => void): Promise<void> {
  await page.route("**/*.wasm", async (route) => {
    // The page loads long before the program.
    await page.waitForLoadState("domcontentloaded");
    await page.evaluate(change);
    await route.continue();
  });
}

async function works(visitor: Visitor, person: { email: string; name: string; password: string }): Promise<void> {
  const { page } = visitor;
  // Uses selectors that don't depend on the page's texts.
  const tryWith = async (password: string) => {
    await page.locator("[name=email]").fill(person.email);
    await page.locator("[name=password]").fill(password);
    await page.locator("form [type=submit]").first().click();
  };
  await page.goto(`${visitor.server.url}/login`);
  await visitor.settled();
  await tryWith("not the password");
  await expect(page.getByRole("alert").first()).toContainText("Wrong email or password.");
  await visitor.settled();
  await tryWith(person.password);
  await page.waitForURL((url) => url.pathname === "/");
  await visitor.settled();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(person.name);
}

for (const [who, change] of Object.entries(CHANGES)) {
  test(`${who} changes pages before the program starts, and they still work`, async ({ page, server, visitor, person, watch }) => {
    test.slow();
    watch.expectCall(401, "POST /api/auth/login");
    // The program starts at its own time: its stream may open just after the sessions ended.
    watch.mayRefuse("401 GET /api/auth/session", "401 GET /api/auth/events");
    await interfere(page, change);
    await works(visitor, person);
    await revokeSessions(server, person);
    await visitor.lookAgain();
    // The page is covered instead of left, so the program runs.
    await expect(page.locator("dialog.dialog-covers")).toBeVisible();
    await expect(page.locator("html[data-plain]")).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 1, name: person.name })).toBeHidden();
    await expect(page.locator("[name=password]")).toBeVisible();
  });
}

test("later changes of a page by other software break nothing", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  await visitor.listening(() => visitor.open("/account"));
  const later = ["a translator", "a bar at the top", "a bar within the page", "icons in fields", "a password manager in forms"];
  for (const name of later) {
    await page.evaluate(CHANGES[name] ?? (() => {}));
  }
  const section = page.locator("#sessions");
  await signInElsewhere(server, person, [FIREFOX]);
  await expect(section.getByRole("listitem")).toHaveCount(2);
  await page.evaluate(CHANGES["a translator"] ?? (() => {}));
  await section.getByRole("listitem").last().getByRole("button").click();
  await expect(section.getByRole("status")).toHaveText("One session was ended.");
  await page.getByRole("button", { name: "It was me" }).click();
  await expect(page.locator(".toast")).toHaveCount(0);
  await revokeSessions(server, person);
  await expect(visitor.cover).toBeVisible();
  await page.evaluate(CHANGES["a translator"] ?? (() => {}));
  await visitor.password.fill(person.password);
  await visitor.signInButton.click();
  await expect(visitor.cover).toHaveCount(0);
});

test("a page whose program has crashed works as plain HTML", async ({ page, server, visitor, person, watch }) => {
  expectCrash(watch);
  watch.mayRefuse("401 GET /api/auth/session");
  await visitor.open("/login");
  await page.evaluate(() => {
    setTimeout(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
  });
  await expect(page.locator("html[data-plain]:not([data-hydrated])")).toHaveCount(1);
  await visitor.tryToSignIn({ ...person, password: "not the password" });
  // The page reloaded by itself, and its program runs.
  await page.waitForURL((url) => url.searchParams.get("error") === "invalid_credentials");
  await visitor.settled();
  await expect(visitor.alert).toContainText("Wrong email or password.");
  await visitor.signIn(person);
  await page.evaluate(() => void Promise.reject(new WebAssembly.RuntimeError("memory access out of bounds")));
  await expect(page.locator("html[data-plain]:not([data-hydrated])")).toHaveCount(1);
  await page.getByRole("button", { name: "English" }).click();
  await visitor.settled();
  await expect(visitor.greeting(person)).toBeVisible();

  await page.evaluate(() => dispatchEvent(new Event("plain")));
  await visitor.signOutButton.click();
  await page.waitForURL("**/login");
  await visitor.settled();
  expect(await server.cli(["session", "list", "--user", person.email, "--json"])).toMatchObject({ stdout: expect.stringMatching(/^\s*\[\s*\]\s*$/) });
});

test("a page whose program never loads goes to the login when its session has ended", async ({ page, server, visitor, person, watch }) => {
  watch.mayRefuse("401 GET /api/auth/session");
  watch.tolerate(/ERR_FAILED|Failed to fetch/);
  await visitor.arrive(person);
  await page.route("**/*.wasm", (route) => route.abort());
  await page.reload();
  await expect(visitor.greeting(person)).toBeVisible();
  await revokeSessions(server, person);
  // The page leaves by itself within ten seconds.
  await page.waitForURL((url) => url.pathname === "/login", { timeout: 20_000 });
  await expect(visitor.email).toBeVisible();
});

test("a page without its program sends a pending sign-out", async ({ page, server, visitor, person, watch }) => {
  watch.tolerate(/ERR_FAILED|Failed to fetch/);
  await visitor.arrive(person);
  await page.evaluate(() => localStorage.setItem("signing-out", "1"));
  await page.route("**/*.wasm", (route) => route.abort());
  await page.reload();
  await visitor.lookAgain();
  await page.waitForURL("**/login");
  await expect(visitor.email).toBeVisible();
  expect(await server.cli(["session", "list", "--user", person.email, "--json"])).toMatchObject({ stdout: expect.stringMatching(/^\s*\[\s*\]\s*$/) });
});
