import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";

/** What a page has fetched: transferred bytes by resource type. */
interface Fetched {
  bytes: Record<string, number>;
  all: number;
  /** Requests that have not finished yet. */
  open: Set<string>;
}

async function measureTransfer(page: Page): Promise<Fetched> {
  const browser = await page.context().newCDPSession(page);
  const fetched: Fetched = { bytes: {}, all: 0, open: new Set() };
  const types = new Map<string, string>();
  browser.on("Network.requestWillBeSent", ({ requestId }) => fetched.open.add(requestId));
  browser.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
  browser.on("Network.loadingFailed", ({ requestId }) => fetched.open.delete(requestId));
  browser.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const type = types.get(requestId) ?? "Other";
    fetched.bytes[type] = (fetched.bytes[type] ?? 0) + encodedDataLength;
    fetched.all += encodedDataLength;
    fetched.open.delete(requestId);
  });
  await browser.send("Network.enable");
  return fetched;
}

test("the first visit to the login page transfers few bytes", async ({ page, server, visitor }) => {
  const fetched = await measureTransfer(page);
  await visitor.open("/login");
  await page.waitForLoadState("networkidle");
  await expect.poll(() => fetched.open.size).toBe(0);
  console.log(`${server.url}/login: ${fetched.all} bytes`, fetched.bytes);
  expect(fetched.all).toBeLessThan(250_000);
  expect((fetched.bytes["Document"] ?? 0) + (fetched.bytes["Stylesheet"] ?? 0)).toBeLessThan(20_000);
  expect(Object.keys(fetched.bytes)).toEqual(expect.arrayContaining(["Document", "Stylesheet", "Script", "Fetch"]));
  expect(fetched.bytes["Fetch"], "the program").toBeLessThan(220_000);
});

test("a second page fetches only its own document", async ({ page, visitor, person }) => {
  await visitor.arrive(person);
  const fetched: string[] = [];
  const heard: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    heard.push(
      request.sizes().then(({ responseBodySize }) => {
        if (responseBodySize > 0) {
          fetched.push(new URL(request.url()).pathname);
        }
      }),
    );
  });
  await visitor.open("/?week=19");
  await visitor.asked();
  await page.waitForTimeout(0);
  await Promise.all(heard);
  expect(fetched).toContain("/");
  expect(fetched.filter((path) => path.startsWith("/api/") && path !== "/api/auth/events")).toEqual([]);
});
