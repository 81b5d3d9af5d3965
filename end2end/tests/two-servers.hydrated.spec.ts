import { addPerson } from "../support/people.ts";
import { Server } from "../support/server.ts";
import { freshTest as test, expect } from "../support/test.ts";
import { Visitor } from "../support/visitor.ts";

// Two server processes on one PostgreSQL: pages of one receive events from the other.

const database = process.env.TEST_DATABASE_URL;
if (!database) {
  throw new Error("Set TEST_DATABASE_URL to a PostgreSQL, or run `make test-browser`, which starts one.");
}
const shared = { DATABASE_URL: database, SESSION_SECRET: "one secret of both servers and long enough" };

const both = test.extend<{ second: Server }>({
  server: async ({}, use) => {
    const server = await Server.start(shared);
    await use(server);
    await server.remove();
  },
  second: async ({ server }, use) => {
    const second = await Server.start(shared);
    await use(second);
    await second.remove();
  },
});

both("ending a session on one server empties a page of the other within a second", async ({ server, second, visitor, watch, anotherBrowser }) => {
  watch.allowSite(second.url);
  const person = await addPerson(server);
  await visitor.arrive(person);
  const device = new Visitor(await (await anotherBrowser({ baseURL: second.url })).newPage(), second, true);
  await device.arrive(person);
  await device.open("/account");
  await device.page.getByRole("button", { name: "End all others" }).click();
  await expect(visitor.greeting(person)).toBeHidden({ timeout: 1000 });
  await expect(visitor.cover).toContainText(/You ended this session on .+, from Chrome \d+ · \w+\./);
});

both("both servers accept a session and refuse it after it has ended", async ({ server, second, visitor, person }) => {
  await visitor.arrive(person);
  const cookie = `auth-session=${await visitor.cookie("auth-session")}`;
  const check = async (at: Server) => (await fetch(`${at.url}/api/auth/session`, { headers: { cookie } })).status;
  expect([await check(server), await check(second)]).toEqual([200, 200]);
  await visitor.signOut();
  expect([await check(second), await check(server)]).toEqual([401, 401]);
});
