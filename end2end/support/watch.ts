import { type BrowserContext, expect } from "@playwright/test";

const FAILED_RESPONSE = /^Failed to load resource: the server responded with a status of (\d+)/;
const LOST_CONNECTION = /^Failed to load resource: net::ERR_/;

/** The start of the failure message for browser complaints. */
export const COMPLAINTS = "browser complaints";

const WATCHING = ["/api/auth/events", "/api/auth/session"];

/**
 * Collects what no page may cause: errors and warnings on the console, violations of the
 * Content-Security-Policy, uncaught exceptions, requests to other hosts, and error
 * responses that the test did not expect.
 */
export class Watch {
  private readonly trouble: string[] = [];
  private readonly refused: string[] = [];
  private readonly expected: string[] = [];
  private readonly possible: string[] = [];
  private readonly logged: string[] = [];
  private readonly hosts = new Set<string>();
  private readonly tolerated: RegExp[] = [];

  constructor(
    home: string,
    private readonly scripted: boolean,
  ) {
    this.allowSite(home);
    if (!scripted) {
      // Chromium fetches preloaded files even when no script will use them.
      this.tolerate(/\.wasm was preloaded using link preload but not used/);
    }
  }

  /** Allows requests to another site. */
  allowSite(url: string): void {
    this.hosts.add(new URL(url).host);
  }

  /** Expects the page at this path to respond with an error. */
  expectPage(status: number, path: string): void {
    this.expected.push(`${status} GET ${path}`);
  }

  /** Expects that a script's call is refused. Without scripts there is no such call: a form post is redirected. */
  expectCall(status: number, call: string): void {
    if (this.scripted) {
      this.expected.push(`${status} ${call}`);
    }
  }

  /** Allows, but does not require, that these calls are refused, such as `401 GET /api/auth/session`. */
  mayRefuse(...calls: string[]): void {
    this.possible.push(...calls);
  }

  /** Ignores messages that the test itself causes. */
  tolerate(text: RegExp): void {
    this.tolerated.push(text);
  }

  async follow(context: BrowserContext): Promise<void> {
    context.on("console", (message) => {
      const text = message.text();
      const status = FAILED_RESPONSE.exec(text)?.[1];
      if (status) {
        this.logged.push(`${status} ${path(message.location().url)}`);
      } else if (LOST_CONNECTION.test(text) && WATCHING.includes(path(message.location().url))) {
        // Open pages check their session even while a test has stopped the server.
        return;
      } else if (["error", "warning", "assert"].includes(message.type()) && !this.tolerated.some((known) => known.test(text))) {
        this.trouble.push(`console ${message.type()}: ${text} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => {
      const { message } = error.error();
      if (!this.tolerated.some((known) => known.test(message))) {
        this.trouble.push(`uncaught: ${message}`);
      }
    });
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && !this.hosts.has(url.host)) {
        this.trouble.push(`request to ${url.host}`);
      }
    });
    context.on("response", (response) => {
      if (response.status() >= 400) {
        this.refused.push(`${response.status()} ${response.request().method()} ${path(response.url())}`);
      }
    });
    // Chromium reports most violations on the console; this event reports all of them.
    await context.addInitScript(() =>
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`Content-Security-Policy: ${event.effectiveDirective} forbids ${event.blockedURI}`),
      ),
    );
  }

  check(): void {
    const answered = this.refused.map((line) => line.replace(/ [A-Z]+ /, " "));
    const unexplained = this.logged.filter((line) => !answered.includes(line));
    const missing = [...this.expected];
    const unexpected = this.refused.filter((line) => {
      const at = missing.indexOf(line);
      return at < 0 ? !this.possible.includes(line) : missing.splice(at, 1).length === 0;
    });
    expect([...this.trouble, ...unexplained, ...unexpected], COMPLAINTS).toEqual([]);
    expect(missing, "expected error responses that did not come").toEqual([]);
  }
}

function path(url: string): string {
  return new URL(url).pathname;
}
