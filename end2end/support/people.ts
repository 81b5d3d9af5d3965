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

let added = 0;

/** A new person with a password. */
export async function addPerson(server: Server, as: Partial<Person> = {}): Promise<Person> {
  const { name = "Ayşe Yılmaz", role = "staff", password = PASSWORD, email = newEmail() } = as;
  const ran = await server.cli(["user", "add", "--email", email, "--name", name, "--role", role, "--password-stdin"], `${password}\n`);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return { id: ran.stdout.trim(), email, name, role, password };
}

/** Invites somebody: a person without a password, and the link to choose one. */
export async function invitePerson(server: Server, as: Partial<Person> = {}): Promise<{ person: Person; link: string }> {
  const { name = "Ayşe Yılmaz", role = "staff", password = PASSWORD, email = newEmail() } = as;
  const ran = await server.cli(["user", "add", "--email", email, "--name", name, "--role", role]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const link = /https?:\S+/.exec(ran.stderr)?.[0] ?? "";
  return { person: { id: ran.stdout.trim(), email, name, role, password }, link };
}

/** An address nobody has. */
export function newEmail(): string {
  added += 1;
  return `kisi.${process.pid}.${added}@dernek.example`;
}

/** Tries to sign in with a wrong password, as some other program would. */
export async function failSignIns(server: Server, email: string, times: number): Promise<void> {
  const csrf = await fetch(`${server.url}/api/csrf`);
  const { token } = (await csrf.json()) as { token: string };
  for (let i = 0; i < times; i += 1) {
    const answer = await fetch(`${server.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": token, cookie: `csrf-token=${token}` },
      body: JSON.stringify({ email, password: "not the password" }),
    });
    expect(answer.status).toBe(401);
  }
}

/** Ends every session of somebody from the command line, as an administrator would. */
export async function revokeSessions(server: Server, person: Person): Promise<void> {
  const listed = await server.cli(["session", "list", "--user", person.email, "--json"]);
  expect(listed, listed.stderr).toMatchObject({ code: 0 });
  for (const { handle } of JSON.parse(listed.stdout) as { handle: string }[]) {
    const ran = await server.cli(["session", "revoke", handle]);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  }
}

/** Signs in as a program on another device would; what comes back are its cookies. */
export async function signInElsewhere(server: Server, person: Person): Promise<{ session: string; token: string }> {
  const csrf = await fetch(`${server.url}/api/csrf`);
  const { token } = (await csrf.json()) as { token: string };
  const answer = await fetch(`${server.url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf-token": token, cookie: `csrf-token=${token}`, "user-agent": FIREFOX },
    body: JSON.stringify({ email: person.email, password: person.password }),
  });
  expect(answer.status).toBe(200);
  const cookie = (name: string) => answer.headers.getSetCookie().find((set) => set.startsWith(`${name}=`))?.slice(name.length + 1).split(";")[0] ?? "";
  return { session: cookie("auth-session"), token: cookie("csrf-token") };
}

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
