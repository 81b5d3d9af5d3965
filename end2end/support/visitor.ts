import { type Locator, type Page, type Response, expect } from "@playwright/test";
import type { Person } from "./people.ts";
import type { Server } from "./server.ts";

/** A user at a page, with the elements they use. */
export class Visitor {
  readonly email: Locator;
  readonly password: Locator;
  readonly rememberMe: Locator;
  readonly signInButton: Locator;
  readonly signOutButton: Locator;
  readonly alert: Locator;

  constructor(
    readonly page: Page,
    readonly server: Server,
    readonly scripted: boolean,
  ) {
    this.email = page.getByLabel("Email", { exact: true });
    this.password = page.getByLabel("Password", { exact: true });
    this.rememberMe = page.getByLabel("Remember me on this device");
    this.signInButton = page.getByRole("button", { name: "Sign in", exact: true });
    this.signOutButton = page.getByRole("button", { name: "Sign out", exact: true });
    this.alert = page.getByRole("alert");
  }

  greeting(person: { name: string }): Locator {
    return this.page.getByRole("heading", { level: 1, name: `Hello, ${person.name}` });
  }

  /** Opens a path or link, and waits until the browser's program has started. */
  async open(target: string): Promise<Response | null> {
    const answer = await this.page.goto(new URL(target, this.server.url).href);
    await this.settled();
    return answer;
  }

  async reload(): Promise<Response | null> {
    const answer = await this.page.reload();
    await this.settled();
    return answer;
  }

  async settled(): Promise<void> {
    if (this.scripted) {
      await expect(this.page.locator("html")).toHaveAttribute("data-hydrated", "true");
    }
  }

  /** Fills the visible sign-in form and sends it. */
  async tryToSignIn(person: { email: string; password: string }, how: { remember?: boolean } = {}): Promise<void> {
    await this.email.fill(person.email);
    await this.password.fill(person.password);
    await this.rememberMe.setChecked(how.remember ?? false);
    await this.signInButton.click();
  }

  /** Signs in with the visible form. */
  async signIn(person: Person, how: { remember?: boolean } = {}): Promise<void> {
    await this.tryToSignIn(person, how);
    await this.page.waitForURL((url) => url.pathname !== "/login");
    await this.settled();
  }

  /**
   * Loads a page with a session, and waits until the browser has opened the event stream.
   * A session that ends earlier refuses the stream, which the console reports.
   */
  async listening(load: () => Promise<unknown>): Promise<void> {
    const answer = (response: Response) => new URL(response.url()).pathname === "/api/auth/events";
    const opened = this.scripted ? this.page.context().waitForEvent("response", answer) : undefined;
    await Promise.all([opened, load()]);
  }

  /** Opens the login page and signs in. */
  async arrive(person: Person, how: { remember?: boolean } = {}): Promise<void> {
    await this.open("/login");
    await this.listening(() => this.signIn(person, how));
    await expect(this.greeting(person)).toBeVisible();
  }

  /** Clicks a button in the page's footer, and waits until the choice is saved. */
  async choose(name: string): Promise<void> {
    const answer = (response: Response) => new URL(response.url()).pathname === "/api/preferences";
    await Promise.all([this.page.waitForResponse(answer), this.page.getByRole("button", { name }).click()]);
  }

  /** Waits until the page's earlier requests are sent. Requests are sent in their order. */
  async asked(): Promise<void> {
    await this.page.evaluate(async () => (await fetch("/healthz")).text());
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
    await this.page.waitForURL("**/login");
    await this.settled();
    await expect(this.email).toBeVisible();
  }

  /** The dialog that covers a page after its session has ended. */
  get cover(): Locator {
    return this.page.getByRole("dialog", { name: "Sign in to go on" });
  }

  /** The dialog that warns in the last minute before the idle timeout. */
  get warning(): Locator {
    return this.page.getByRole("alertdialog", { name: "Are you still there?" });
  }

  /** Adds a text field outside of all forms to the page. */
  async draft(text: string): Promise<Locator> {
    await this.page.evaluate(() => {
      const field = document.createElement("textarea");
      field.setAttribute("aria-label", "Draft");
      document.querySelector("main")?.prepend(field);
    });
    const field = this.page.getByLabel("Draft");
    await field.fill(text);
    return field;
  }

  /** Makes the page believe that the tab became visible again. */
  async lookAgain(): Promise<void> {
    await this.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
  }

  /** Returns a cookie's value if the browser has the cookie. */
  async cookie(name: string): Promise<string | undefined> {
    const cookies = await this.page.context().cookies();
    return cookies.find((cookie) => cookie.name === name)?.value;
  }

  /** Returns the store's mirror in `localStorage`. */
  mirror(): Promise<string | null> {
    return this.page.evaluate(() => localStorage.getItem("auth-session"));
  }
}
