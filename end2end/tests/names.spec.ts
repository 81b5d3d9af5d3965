import { addPerson, newEmail, signInElsewhere } from "../support/people.ts";
import { expect, test } from "../support/test.ts";

const NAMES = {
  "wide letters": "W".repeat(100),
  "emoji": "🦊".repeat(100),
  "families": "👨‍👩‍👧‍👦".repeat(14),
  "ligatures": "﷽".repeat(100),
  "Turkish": "Ğ".repeat(50) + "İ".repeat(50),
};

for (const [kind, name] of Object.entries(NAMES)) {
  test(`a name of a hundred ${kind} makes no page wider than the screen`, async ({ page, server, visitor, scripted, watch }) => {
    const host = `${"w".repeat(60)}.${"w".repeat(60)}.${"w".repeat(40)}.example`;
    const person = await addPerson(server, { name, email: `${"w".repeat(40)}${newEmail().split("@")[0]}@${host}` });
    await signInElsewhere(server, person, ["W".repeat(300), `${"W".repeat(100)}/1.0 (${"W".repeat(100)})`]);
    const fits = async (what: string) => {
      for (const width of [320, 360, 640, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const sticksOut = await page.evaluate(() => {
          const width = document.documentElement.clientWidth;
          const all = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && !element.closest("svg, .visually-hidden, .skip-link"));
          return all.filter((element) => element.getBoundingClientRect().right > width + 0.5).map((element) => element.outerHTML.slice(0, 120));
        });
        expect(sticksOut, `${what} at ${width} px`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${what} at ${width} px`).toBeLessThanOrEqual(width);
      }
    };
    watch.expectCall(401, "POST /api/auth/login");
    await visitor.open("/login");
    await visitor.tryToSignIn({ ...person, password: "not the password" });
    await expect(visitor.alert).toContainText("Wrong email or password.");
    await fits("a sign-in that was refused");
    await visitor.open("/login");
    await visitor.signIn(person);
    await fits("the dashboard");
    await visitor.open("/account");
    await page.locator("#ended summary").click();
    await fits("the account");
    if (scripted) {
      const say = (event: string) =>
        page.evaluate((said) => {
          const channel = new BroadcastChannel("panel");
          channel.postMessage(said);
          channel.close();
        }, event);
      await say(`signed-in ${JSON.stringify({ handle: "sid_x", device: name, address: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff" })}`);
      await expect(page.getByText(/New sign-in to your account/)).toBeVisible();
      await fits("the notice of a sign-in");
      await say(`session-revoked ${JSON.stringify({ byYou: true, at: "2026-11-24T10:00:00.000Z", device: name })}`);
      await say(`session-ended ${JSON.stringify({ reason: "revoked" })}`);
      await expect(visitor.cover).toBeVisible();
      await fits("the covered page");
    }
  });
}
