import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { failSignIns, invitePerson } from "../support/people.ts";
import { Server } from "../support/server.ts";
import { expect, test as base } from "../support/test.ts";

const test = base.extend({
  server: async ({}, use) => {
    const server = await Server.start({ RUST_LOG: "trace" });
    await use(server);
    await server.remove();
  },
});

// Only letters, which look the same in a URL, in JSON and in HTML.
const PASSWORD = "canaryquietriverofpasswords";
const WRONG = "canarywrongpasswordattempt";

test("no secret appears in responses, logs or files except where it must", async ({ context, server, page, visitor, watch }) => {
  const bodies: { url: string; text: string }[] = [];
  const reading: Promise<void>[] = [];
  context.on("response", (response) => {
    const read = response.text().then(
      (text) => void bodies.push({ url: response.url(), text }),
      // A redirect has no body.
      () => {},
    );
    reading.push(read);
  });
  const administrator = { id: "", role: "admin", name: "Zeynep Kaya", email: "zeynep@dernek.example", password: PASSWORD };
  const secrets: Record<string, string> = { password: PASSWORD, "wrong password": WRONG };
  const keepCookie = async (name: string) => {
    secrets[name] = (await visitor.cookie("auth-session")) ?? "";
    expect(secrets[name]).not.toBe("");
  };

  // A page may still be fetching its icon when the server stops.
  watch.tolerate(/^Failed to load resource: net::ERR_/);

  // Set-up.
  const setUp = server.setupLink();
  secrets["set-up token"] = new URL(setUp).searchParams.get("token") ?? "";
  await visitor.open(setUp);
  await page.getByLabel("Name", { exact: true }).fill(administrator.name);
  await visitor.email.fill(administrator.email);
  await visitor.password.fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page.getByText("Your account is ready.")).toBeVisible();
  await visitor.settled();

  // A failed sign-in, a sign-in, reading, and signing out.
  watch.expectCall(401, "POST /api/auth/login");
  await visitor.tryToSignIn({ ...administrator, password: WRONG });
  await expect(visitor.alert).toContainText("Wrong email or password.");
  await visitor.signIn(administrator, { remember: true });
  await keepCookie("remembered cookie");
  for (const path of ["/api/auth/session", "/api/auth/user", "/api/csrf"]) {
    const answer = await context.request.get(server.url + path);
    bodies.push({ url: path, text: await answer.text() });
  }
  watch.expectPage(404, "/nothing");
  await visitor.open("/nothing");
  await visitor.open("/");
  await visitor.signOut();
  await visitor.signIn(administrator);
  await keepCookie("cookie");
  await server.restart();
  await visitor.reload();
  await visitor.signOut();

  // An invitation and a lockout.
  const { person, link } = await invitePerson(server);
  secrets["activation token"] = new URL(link).searchParams.get("token") ?? "";
  await visitor.open(link);
  await visitor.password.fill(PASSWORD);
  await page.getByRole("button", { name: "Save the password" }).click();
  await expect(page.getByText("Your account is ready.")).toBeVisible();
  await failSignIns(server, person.email, 5);
  await server.stop();
  await Promise.all(reading);

  for (const [name, secret] of Object.entries(secrets)) {
    expect(secret.length, name).toBeGreaterThan(20);
    expect(server.stderr.includes(secret), `${name} in the log`).toBe(false);
    // The page of a link may contain the link's token, which its form sends back.
    const pages = bodies.filter(({ url, text }) => text.includes(secret) && !url.includes(secret)).map(({ url }) => url);
    expect(pages, `${name} in a body`).toEqual([]);
  }
  expect(bodies.length).toBeGreaterThan(10);
  expect(server.stderr.length, "the log was really collected").toBeGreaterThan(1000);
  const said = server.stdout.split(secrets["set-up token"] ?? "").length - 1;
  expect(said, "the set-up link is printed once").toBe(1);

  // The database stores no secret in plain text, and the build contains none.
  const build = resolve(import.meta.dirname, "../../target/site/pkg");
  const files = [...readdirSync(server.dir).map((name) => join(server.dir, name)), ...readdirSync(build).map((name) => join(build, name))];
  const kept = files.map((file) => ({ file, bytes: readFileSync(file) }));
  for (const [name, secret] of Object.entries(secrets)) {
    expect(kept.filter(({ bytes }) => bytes.includes(secret)).map(({ file }) => file), `${name} in a file`).toEqual([]);
  }
  const sessionSecret = kept.find(({ file }) => file.endsWith("session-secret"))?.bytes.toString().trim() ?? "";
  expect(sessionSecret.length).toBeGreaterThan(31);
  expect(server.stderr.includes(sessionSecret) || server.stdout.includes(sessionSecret)).toBe(false);
});
