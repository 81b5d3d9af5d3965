import type { Person } from "./people.ts";
import { USER_AGENTS, addPerson, failSignIns, invitePerson, newEmail, requirePassword, signInElsewhere } from "./people.ts";
import type { Server } from "./server.ts";
import type { Visitor } from "./visitor.ts";
import type { Watch } from "./watch.ts";

/** A page in a certain state, for the visual checks. */
export interface Scene {
  name: string;
  /** Needs a new server without an administrator. */
  fresh?: boolean;
  show: (at: { visitor: Visitor; server: Server; watch: Watch }) => Promise<void>;
}

const locked = async (server: Server): Promise<Person> => {
  const person = { id: "", email: newEmail(), name: "", role: "", password: "not the password" };
  await failSignIns(server, person.email, 5);
  return person;
};

/** Every page in each of its states. */
export const SCENES: Scene[] = [
  { name: "login", show: ({ visitor }) => go(visitor, "/login") },
  { name: "login with an error", show: ({ visitor }) => go(visitor, "/login?error=invalid_credentials") },
  {
    name: "login while locked",
    show: async ({ visitor, server, watch }) => {
      const person = await locked(server);
      watch.expectCall(429, "POST /api/auth/login");
      await visitor.open("/login");
      await visitor.page.locator("[name=email]").fill(person.email);
      await visitor.page.locator("[name=password]").fill(person.password);
      await visitor.page.locator("form button[type=submit]").click();
      await visitor.page.getByRole("timer").waitFor();
    },
  },
  {
    name: "login at the session limit",
    show: async ({ visitor, server, watch }) => {
      const person = await addPerson(server);
      await signInElsewhere(server, person, [...USER_AGENTS, ...Array.from({ length: 20 - USER_AGENTS.length }, () => "curl/8.5.0")]);
      watch.expectCall(409, "POST /api/auth/login");
      await visitor.open("/login");
      await visitor.page.locator("[name=email]").fill(person.email);
      await visitor.page.locator("[name=password]").fill(person.password);
      await visitor.page.locator("form button[type=submit]").click();
      await visitor.page.locator("[name=handle]").first().waitFor();
      await visitor.settled();
    },
  },
  { name: "set-up", fresh: true, show: ({ visitor, server }) => go(visitor, server.setupLink()) },
  { name: "a link that no longer works", show: ({ visitor }) => go(visitor, "/setup?token=none") },
  { name: "activation", show: async ({ visitor, server }) => go(visitor, (await invitePerson(server)).link) },
  {
    name: "activation with an invalid field",
    show: async ({ visitor, server, watch }) => {
      watch.expectCall(422, "POST /api/activate");
      await visitor.open((await invitePerson(server)).link);
      await visitor.page.locator("[name=password]").fill("short");
      await visitor.page.locator("form button[type=submit]").click();
      await visitor.page.locator("#password-error").waitFor();
    },
  },
  {
    name: "dashboard",
    show: async ({ visitor, server }) => {
      const person = await addPerson(server, { name: "Muhammed Abdülkerim Karaosmanoğlu", role: "admin" });
      await enter(visitor, person);
      await visitor.page.locator(".sign-out button").click();
      await visitor.page.waitForURL("**/login");
      await visitor.settled();
      await failSignIns(server, person.email, 2);
      await enter(visitor, person);
    },
  },
  {
    name: "dashboard of a user with few permissions",
    show: async ({ visitor, server }) => enter(visitor, await addPerson(server)),
  },
  {
    name: "account",
    show: async ({ visitor, server, watch }) => {
      const person = await addPerson(server, { name: "Muhammed Abdülkerim Karaosmanoğlu" });
      await signInElsewhere(server, person, USER_AGENTS.slice(0, 2));
      await failSignIns(server, person.email, 2);
      await enter(visitor, person);
      watch.expectCall(422, "POST /api/account/password");
      await visitor.open("/account");
      await visitor.page.locator("#ended summary").click();
      await visitor.page.locator("[name=currentPassword]").fill("not the password");
      await visitor.page.locator("[name=newPassword]").fill("uzun ve ilgisiz sözcükler");
      await visitor.page.locator("#password button[type=submit]").click();
      await visitor.page.locator("#currentPassword-error").waitFor();
      await visitor.settled();
    },
  },
  ...["/users?q=a&role=staff", "/users?role=staff&everybody=true", "/users/new", "/roles", "/roles?edit=member", "/roles?review=true&name=member&label=Member&version=1&permissions=users:manage", "/confirm?redirect=/users", "/sessions?ended=true", "/lockouts", "/audit?result=failure", "/settings"].map((path) => ({
    name: `the administrator's ${/everybody|edit|review/.exec(path)?.[0] ?? ""} ${path.split("?")[0] ?? path}`.replace("  ", " "),
    show: async ({ visitor, server }: { visitor: Visitor; server: Server }) => {
      const person = await addPerson(server, { name: "Muhammed Abdülkerim Karaosmanoğlu" });
      // Few, because all tests of a server share its limit of failures per address.
      await failSignIns(server, person.email, { "/lockouts": 5, "/audit?result=failure": 1 }[path] ?? 0);
      await enter(visitor, await addPerson(server, { role: "admin" }));
      await visitor.open(path);
    },
  })),
  {
    name: "the administrator's page of a person",
    show: async ({ visitor, server }) => {
      const person = await addPerson(server, { name: "Muhammed Abdülkerim Karaosmanoğlu", role: "manager" });
      await signInElsewhere(server, person, USER_AGENTS.slice(0, 2));
      await failSignIns(server, person.email, 1);
      await enter(visitor, await addPerson(server, { role: "admin" }));
      await visitor.open(`/users/${person.id}`);
      await visitor.page.locator("#delete summary").click();
    },
  },
  {
    name: "the administrator's review of a person's rights",
    show: async ({ visitor, server }) => {
      const person = await addPerson(server, { name: "Muhammed Abdülkerim Karaosmanoğlu", role: "manager" });
      await enter(visitor, await addPerson(server, { role: "admin" }));
      await visitor.open(`/users/${person.id}?review=rights&role=viewer&permissions=users:manage`);
    },
  },
  {
    name: "a new password that is required",
    show: async ({ visitor, server }) => {
      const person = await addPerson(server);
      await requirePassword(server, person);
      await visitor.open("/login");
      await visitor.page.locator("[name=email]").fill(person.email);
      await visitor.page.locator("[name=password]").fill(person.password);
      await visitor.page.locator("form button[type=submit]").click();
      await visitor.page.waitForURL((url) => url.pathname === "/new-password");
      await visitor.settled();
    },
  },
  {
    name: "a page that does not exist",
    show: async ({ visitor, server, watch }) => {
      await enter(visitor, await addPerson(server));
      watch.expectPage(404, "/nothing");
      await visitor.open("/nothing");
    },
  },
];

async function go(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
}

/** Signs in on a page in any language. */
export async function enter(visitor: Visitor, person: Person): Promise<void> {
  await visitor.open("/login");
  await visitor.page.locator("[name=email]").fill(person.email);
  await visitor.page.locator("[name=password]").fill(person.password);
  await visitor.page.locator("form button[type=submit]").click();
  await visitor.page.waitForURL((url) => url.pathname === "/");
  await visitor.settled();
}
