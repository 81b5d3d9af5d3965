import type { Locator } from "@playwright/test";
import { png } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

const page = (title: string) => ({ contentType: "text/html", body: `<html><head><title>${title}</title></head></html>` });

/** Responses of a proxy in front of the panel, and the message that users see then. */
const ANSWERS = [
  { status: 413, says: "This is too large." },
  { status: 408, says: "The request took too long to arrive. Please try again." },
  { status: 403, says: "You are not allowed to do this." },
  { status: 401, says: "The panel is not available at the moment." },
  { status: 500, says: "The panel is not available at the moment." },
  { status: 502, says: "The panel is not available at the moment." },
  { status: 504, says: "The panel is not available at the moment." },
  // A captive network that responds to everything with its own page.
  { status: 200, says: "The panel is not available at the moment." },
];

test("a proxy's own responses are shown as what they are", async ({ page: tab, visitor, person, watch }) => {
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
    // None of these responses ends the session.
    await expect(visitor.cover).toHaveCount(0);
  }
});

test("a sign-out that a proxy answered is repeated until it reaches the panel", async ({ page: tab, visitor, person, watch }) => {
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
