import type { Locator } from "@playwright/test";
import { png } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

const page = (title: string) => ({ contentType: "text/html", body: `<html><head><title>${title}</title></head></html>` });

/** What something in front of the panel answers by itself, and what people read then. */
const ANSWERS = [
  { status: 413, says: "This is too large." },
  { status: 408, says: "The request took too long to arrive. Please try again." },
  { status: 403, says: "You are not allowed to do this." },
  { status: 401, says: "The panel is not available at the moment." },
  { status: 500, says: "The panel is not available at the moment." },
  { status: 502, says: "The panel is not available at the moment." },
  { status: 504, says: "The panel is not available at the moment." },
  // A network that shows a page of its own for everything.
  { status: 200, says: "The panel is not available at the moment." },
];

test("what a proxy answers by itself is told as what it is", async ({ page: tab, visitor, person, watch }) => {
  await visitor.arrive(person);
  await visitor.open("/account");
  const [profile, picture] = ["/api/account/profile", "/api/account/picture"].map((path) => tab.locator(`form[action="${path}"]`)) as [Locator, Locator];
  for (const { status, says } of ANSWERS) {
    for (const path of ["/api/account/profile", "/api/account/picture"]) {
      if (status >= 400) {
        watch.expectCall(status, `POST ${path}`);
      }
      await tab.route(`**${path}`, (route) => route.fulfill({ status, ...page(`${status}`) }), { times: 1 });
    }
    await profile.getByRole("button", { name: "Save changes" }).click();
    await expect(profile.getByRole("alert")).toContainText(says);
    await picture.locator("input[type=file]").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: png(64, [1, 2, 3]) });
    await picture.getByRole("button", { name: "Use this picture" }).click();
    await expect(picture.getByRole("alert")).toContainText(says);
    // Nothing of that is a word about the session.
    await expect(visitor.cover).toHaveCount(0);
  }
});

test("a sign-out that a proxy has answered is told to the panel later", async ({ page: tab, visitor, person, watch }) => {
  await visitor.arrive(person);
  watch.expectCall(503, "POST /api/auth/logout");
  await tab.route("**/api/auth/logout", (route) => route.fulfill({ status: 503, ...page("503 Service Unavailable") }), { times: 1 });
  await visitor.signOutButton.click();
  await expect(tab.getByRole("dialog", { name: "You are signed out" })).toBeVisible();
  expect(await visitor.cookie("auth-session")).toBeDefined();
  await tab.getByRole("button", { name: "Try again" }).click();
  await tab.waitForURL("**/login");
  expect(await visitor.cookie("auth-session")).toBeUndefined();
});
