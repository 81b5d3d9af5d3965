import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { COMPLAINTS } from "./watch.ts";

/**
 * Prints a short summary of the failures at the end of the log, which is read first.
 * Browser complaints fail the run even when a retry had none.
 */
export default class SummaryReporter implements Reporter {
  private readonly failures: { test: TestCase; why: string }[] = [];

  printsToStdio(): boolean {
    return false;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === "failed" || result.status === "timedOut") {
      const why = result.errors.map((error) => plain(error.message ?? error.value ?? "").slice(0, 1200)).join("\n");
      this.failures.push({ test, why });
    }
  }

  onEnd({ status }: FullResult): Promise<{ status: FullResult["status"] }> {
    const complained = this.failures.some(({ why }) => why.includes(COMPLAINTS));
    return Promise.resolve({ status: complained ? "failed" : status });
  }

  onExit(): Promise<void> {
    for (const { test, why } of this.failures) {
      const word = test.outcome() === "flaky" ? "FAILED ONCE, which is a defect of it or of the panel:" : "FAILED";
      console.log(`\n${word} ${test.titlePath().filter(Boolean).join(" › ")}\n${why}`);
    }
    return Promise.resolve();
  }
}

function plain(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, "");
}
