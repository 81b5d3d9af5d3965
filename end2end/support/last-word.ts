import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Says at the very end what failed and why, in short: of a long log the end is read first. */
export default class LastWord implements Reporter {
  private readonly failures: string[] = [];

  printsToStdio(): boolean {
    return false;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === "failed" || result.status === "timedOut") {
      const why = result.errors.map((error) => plain(error.message ?? error.value ?? "").slice(0, 1200));
      this.failures.push(`${test.titlePath().filter(Boolean).join(" › ")}\n${why.join("\n")}`);
    }
  }

  onExit(): Promise<void> {
    for (const failure of this.failures) {
      console.log(`\nFAILED ${failure}`);
    }
    return Promise.resolve();
  }
}

function plain(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, "");
}
