import { defineConfig, devices } from "@playwright/test";

// The browser is the system's: `make test-browser` finds or installs one.
const executablePath = process.env.CHROMIUM;
if (!executablePath) {
  throw new Error("Set CHROMIUM= to a Chrome or Chromium, or run `make test-browser`, which finds one.");
}

const browser = {
  ...devices["Desktop Chrome"],
  launchOptions: {
    executablePath,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  },
};

// Every promise holds with and without JavaScript, unless the file's name says
// otherwise: `.hydrated` needs scripts, `.http` needs no page at all and runs once.
// The tests start their own servers, see support/server.ts.
export default defineConfig({
  testDir: "tests",
  outputDir: "../target/end2end",
  workers: 2,
  // Where a whole change waits for the answer, a race of one test does not hold it up;
  // the last words of the log name it all the same.
  retries: process.env.CI ? 1 : 0,
  // Not for the tests, for slow machines: alone, the longest takes a quarter of this.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["./support/last-word.ts"]],
  use: { screenshot: "only-on-failure" },
  projects: [
    {
      name: "hydrated",
      use: browser,
    },
    {
      name: "no-js",
      testIgnore: ["**/*.hydrated.spec.ts", "**/*.http.spec.ts"],
      use: { ...browser, javaScriptEnabled: false },
    },
  ],
});
