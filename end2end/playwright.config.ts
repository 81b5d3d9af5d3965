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

// Tests run with and without JavaScript, except those whose file name says otherwise:
// `.hydrated` needs scripts; `.http` needs no page and runs once.
// The tests start their own servers: see support/server.ts.
export default defineConfig({
  testDir: "tests",
  outputDir: "../target/end2end",
  workers: 2,
  // In CI a single race in a test does not block a change, but the summary reports it.
  retries: process.env.CI ? 1 : 0,
  // Generous for slow machines: the longest test takes a quarter of this when it runs alone.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["./support/summary-reporter.ts"]],
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
