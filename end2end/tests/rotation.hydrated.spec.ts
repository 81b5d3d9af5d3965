import { Client } from "pg";
import type { Person } from "../support/people.ts";
import { Server } from "../support/server.ts";
import { expect, freshTest } from "../support/test.ts";

// An id rotates after fifteen minutes. The server's clock can't be set from here, so the
// tests age the id in the database.
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

/** Makes the current id `minutes` older. */
async function age(person: Person, minutes: number): Promise<void> {
  const client = new Client({ connectionString: database });
  await client.connect();
  const aged = await client.query("UPDATE sessions SET id_used_at = id_used_at - $1::bigint WHERE user_id = $2 AND ended_at IS NULL", [minutes * 60_000, person.id]);
  await client.end();
  expect(aged.rowCount).toBe(1);
}

test("ten tabs that reload concurrently while the id rotates stay signed in", async ({ visitor, person, tabs }) => {
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

test("the use of a replaced id ends the session, and the page says so", async ({ page, server, visitor, person }) => {
  await visitor.arrive(person);
  const copy = await visitor.cookie("auth-session");
  await age(person, 16);
  await visitor.reload();
  expect(await visitor.cookie("auth-session")).not.toBe(copy);
  // The first use of the new id starts the old one's grace period, which then passes.
  await visitor.listening(() => visitor.reload());
  await age(person, 1);

  const answer = await fetch(`${server.url}/api/auth/session`, { headers: { cookie: `auth-session=${copy}` } });
  expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "unauthenticated", reason: "token_reuse" })]);
  await expect(visitor.cover).toContainText("The key of this session was used somewhere else.");
  await expect(visitor.greeting(person)).toHaveCount(0);
  expect((await page.request.get(`${server.url}/api/auth/session`)).status()).toBe(401);
});
