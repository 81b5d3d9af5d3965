import { Client } from "pg";
import type { Person } from "../support/people.ts";
import { Server } from "../support/server.ts";
import { expect, freshTest } from "../support/test.ts";

// The quarter of an hour that an id is good for passes in the database: no clock of
// the server can be set from here, and this file's test needs one it can write to.
const database = process.env.TEST_DATABASE_URL;
if (!database) {
  throw new Error("Set TEST_DATABASE_URL to a PostgreSQL, or run `make test-browser`, which starts one.");
}

const test = freshTest.extend({
  server: async ({}, use) => {
    const server = await Server.start({ DATABASE_URL: database, SESSION_SECRET: "one secret that is long enough for a server" });
    await use(server);
    await server.remove();
  },
});

/** Makes the id in force so much older than it is, in minutes. */
async function age(person: Person, minutes: number): Promise<void> {
  const client = new Client({ connectionString: database });
  await client.connect();
  const aged = await client.query("UPDATE sessions SET id_used_at = id_used_at - $1::bigint WHERE user_id = $2 AND ended_at IS NULL", [minutes * 60_000, person.id]);
  await client.end();
  expect(aged.rowCount).toBe(1);
}

test("ten tabs that reload together while the id rotates lose nobody", async ({ visitor, person, tabs }) => {
  test.slow();
  await visitor.arrive(person);
  const all = await tabs(10);
  for (let round = 0; round < 3; round += 1) {
    const before = await visitor.cookie("auth-session");
    await age(person, 16);
    await Promise.all(all.map((tab) => tab.reload()));
    for (const tab of all) {
      await expect(tab.greeting(person)).toBeVisible();
    }
    expect(await visitor.cookie("auth-session")).not.toBe(before);
  }
});

test("a copy of an id that was replaced ends the session when it is used, and the page says so", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  const copy = await visitor.cookie("auth-session");
  await age(person, 16);
  await visitor.reload();
  expect(await visitor.cookie("auth-session")).not.toBe(copy);
  // The new id's first use, and the grace of the old one after it.
  await visitor.listening(() => visitor.reload());
  await age(person, 1);

  const answer = await fetch(`${server.url}/api/auth/session`, { headers: { cookie: `auth-session=${copy}` } });
  expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "unauthenticated", reason: "token_reuse" })]);
  await expect(visitor.cover).toContainText("The key of this session was used somewhere else.");
  await expect(visitor.greeting(person)).toHaveCount(0);
  expect((await page.request.get(`${server.url}/api/auth/session`)).status()).toBe(401);
});
