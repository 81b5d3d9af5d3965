import { expect } from "@playwright/test";
import type { Server } from "./server.ts";

export interface Person {
  id: string;
  email: string;
  name: string;
  role: string;
  password: string;
}

const PASSWORD = "deniz kenarında sakin bir akşam";

/** User agents of some browsers. */
export const USER_AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
];

let added = 0;

/** Adds a user with a password. */
export async function addPerson(server: Server, as: Partial<Person> = {}): Promise<Person> {
  const { name = "Ayşe Yılmaz", role = "staff", password = PASSWORD, email = newEmail() } = as;
  const ran = await server.cli(["user", "add", "--email", email, "--name", name, "--role", role, "--password-stdin"], `${password}\n`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return { id: ran.stdout.trim(), email, name, role, password };
}

/** Adds a user without a password; returns the user and the activation link. */
export async function invitePerson(server: Server, as: Partial<Person> = {}): Promise<{ person: Person; link: string }> {
  const { name = "Ayşe Yılmaz", role = "staff", password = PASSWORD, email = newEmail() } = as;
  const ran = await server.cli(["user", "add", "--email", email, "--name", name, "--role", role]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const link = /https?:\S+/.exec(ran.stderr)?.[0] ?? "";
  return { person: { id: ran.stdout.trim(), email, name, role, password }, link };
}

/** Requires a new password of a user with the command line, as an administrator does. */
export async function requirePassword(server: Server, person: Person): Promise<void> {
  const ran = await server.cli(["user", "require-password", person.email]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
}

/** Returns an email address without an account. */
export function newEmail(): string {
  added += 1;
  return `kisi.${process.pid}.${added}@dernek.example`;
}

/** Tries to sign in with a wrong password, without a browser. */
export async function failSignIns(server: Server, email: string, times: number): Promise<void> {
  const post = await logins(server);
  for (let i = 0; i < times; i += 1) {
    expect(await post({ email, password: "not the password" })).toBe(401);
  }
}

/** Signs in without a browser, once with each `User-Agent`. */
export async function signInElsewhere(server: Server, { email, password }: Person, userAgents = USER_AGENTS.slice(2)): Promise<void> {
  const post = await logins(server);
  for (const userAgent of userAgents) {
    expect(await post({ email, password }, { "user-agent": userAgent })).toBe(200);
  }
}

/** Returns a function that posts to the login without a browser and returns the status. */
async function logins(server: Server): Promise<(body: object, headers?: Record<string, string>) => Promise<number>> {
  const csrf = await fetch(`${server.url}/api/csrf`);
  const { token } = (await csrf.json()) as { token: string };
  return async (body, headers = {}) => {
    const answer = await fetch(`${server.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": token, cookie: `csrf-token=${token}`, ...headers },
      body: JSON.stringify(body),
    });
    return answer.status;
  };
}

/** Ends all sessions of a user with the command line, as an administrator does. */
export async function revokeSessions(server: Server, person: Person): Promise<void> {
  const listed = await server.cli(["session", "list", "--user", person.email, "--json"]);
  expect(listed, listed.stderr).toMatchObject({ code: 0 });
  for (const { handle } of JSON.parse(listed.stdout) as { handle: string }[]) {
    const ran = await server.cli(["session", "revoke", handle]);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  }
}

/** The user agent of a browser on another device. */
export const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
