import { type BrowserContext, expect } from "@playwright/test";

const CHROMIUMS_OWN_LINE = /^Failed to load resource: the server responded with a status of (\d+)/;
const LOST_CONNECTION = /^Failed to load resource: net::ERR_/;

/** What a test says that failed for what its browser complained about. */
export const COMPLAINTS = "what the browser complained about";

const WATCHING = ["/api/auth/events", "/api/auth/session"];

/**
 * What no page may cause: errors and warnings on the console, violations of the
 * Content-Security-Policy, uncaught exceptions, requests to other hosts, and
 * refusals that the test did not expect.
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
      // Chromium fetches what a page preloads also where no script will ever use it.
      this.tolerate(/\.wasm was preloaded using link preload but not used/);
    }
  }

  /** Lets pages load from another site too. */
  allowSite(url: string): void {
    this.hosts.add(new URL(url).host);
  }

  /** The page of this path answers with an error. */
  expectPage(status: number, path: string): void {
    this.expected.push(`${status} GET ${path}`);
  }

  /** A script's call is refused. Without scripts there is none: a form post is led back. */
  expectCall(status: number, call: string): void {
    if (this.scripted) {
      this.expected.push(`${status} ${call}`);
    }
  }

  /** Calls that are refused or not, as it happens: `401 GET /api/auth/session`. */
  mayRefuse(...calls: string[]): void {
    this.possible.push(...calls);
  }

  /** What the browser says when the test itself takes something away from it. */
  tolerate(text: RegExp): void {
    this.tolerated.push(text);
  }

  async follow(context: BrowserContext): Promise<void> {
    context.on("console", (message) => {
      const text = message.text();
      const status = CHROMIUMS_OWN_LINE.exec(text)?.[1];
      if (status) {
        this.logged.push(`${status} ${path(message.location().url)}`);
      } else if (LOST_CONNECTION.test(text) && WATCHING.includes(path(message.location().url))) {
        // Open pages watch their session, also while a test has stopped the server.
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
    // Chromium reports most violations on the console, and all of them by this event.
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
    expect(missing, "refusals that did not come").toEqual([]);
  }
}

function path(url: string): string {
  return new URL(url).pathname;
}
