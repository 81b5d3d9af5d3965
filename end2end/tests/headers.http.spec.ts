import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { NAVIGATION, raw } from "../support/raw.ts";
import { expect, test } from "../support/test.ts";

/** Returns the paths of the build's files that the login page references. */
async function assets(server: { url: string }): Promise<string[]> {
  const page = await raw(`${server.url}/login`, NAVIGATION);
  const named = [...page.body.toString().matchAll(/\/pkg\/[\w.-]+/g)].map(([path]) => path);
  const all = [...new Set(named)];
  expect(all.map((path) => path.split(".").at(-1)).toSorted()).toEqual(["css", "js", "wasm"]);
  return all;
}

function directives(policy: string): Record<string, string> {
  return Object.fromEntries(policy.split(";").map((part) => part.trim().split(/ (.*)/s) as [string, string]));
}

test("every response has the security headers, including errors", async ({ server }) => {
  const [asset] = await assets(server);
  for (const [path, status, headers] of [
    ["/login", 200, NAVIGATION],
    ["/", 303, NAVIGATION],
    ["/nothing", 303, NAVIGATION],
    ["/nothing", 401, {}],
    ["/api/auth/session", 401, {}],
    ["/api/csrf", 200, {}],
    ["/api/auth/login", 405, {}],
    ["/pkg/nothing.js", 404, {}],
    ["/favicon.svg", 200, {}],
    ["/healthz", 200, {}],
    [asset, 200, {}],
  ] as const) {
    const answer = await raw(`${server.url}${path}`, headers);
    expect(answer.status, path).toBe(status);
    expect(answer.headers, path).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(answer.headers["permissions-policy"], path).toContain("camera=()");
    expect(answer.headers["strict-transport-security"], "not over plain HTTP").toBeUndefined();
    expect(answer.headers.server, path).toBeUndefined();
    expect(directives(answer.headers["content-security-policy"] as string), path).toMatchObject({
      "default-src": "'none'",
      "style-src": "'self'",
      "connect-src": "'self'",
      "form-action": "'self'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
    });
  }
});

test("the Content-Security-Policy allows scripts by a nonce that is new in each response", async ({ server }) => {
  const nonces = new Set<string>();
  for (let i = 0; i < 3; i += 1) {
    const page = await raw(`${server.url}/login`, NAVIGATION);
    const scripts = directives(page.headers["content-security-policy"] as string)["script-src"] ?? "";
    const nonce = /'nonce-([\w+/=]{22,})'/.exec(scripts)?.[1] ?? "";
    expect(scripts).toBe(`'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`);
    const html = page.body.toString();
    const inline = [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes);
    expect(inline.length).toBeGreaterThan(0);
    for (const attributes of inline) {
      expect(attributes).toContain(`nonce="${nonce}"`);
    }
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(3);
});

test("personal responses are not cached", async ({ server }) => {
  for (const [path, headers] of [
    ["/login", NAVIGATION],
    ["/", NAVIGATION],
    ["/api/auth/session", {}],
    ["/api/csrf", {}],
  ] as const) {
    expect((await raw(`${server.url}${path}`, headers)).headers["cache-control"], path).toBe("no-store");
  }
});

test("files of the build are precompressed and cached as immutable", async ({ server }) => {
  for (const path of await assets(server)) {
    const plain = await raw(`${server.url}${path}`);
    expect(plain.headers["cache-control"], path).toBe("public, max-age=31536000, immutable");
    expect(plain.headers["content-encoding"], path).toBeUndefined();
    for (const [coding, open] of [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
    ] as const) {
      const packed = await raw(`${server.url}${path}`, { "accept-encoding": coding });
      expect(packed.headers, path).toMatchObject({ "content-encoding": coding, "cache-control": "public, max-age=31536000, immutable" });
      expect(String(packed.headers.vary).toLowerCase(), path).toContain("accept-encoding");
      expect(open(packed.body).equals(plain.body), path).toBe(true);
      expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    }
    const etag = plain.headers.etag ?? "";
    expect(etag, path).not.toBe("");
    const again = await raw(`${server.url}${path}`, { "if-none-match": etag });
    expect([again.status, again.body.length], path).toEqual([304, 0]);
  }
});

test("files without a hash in their name are revalidated", async ({ server }) => {
  const first = await raw(`${server.url}/favicon.svg`);
  expect(first.headers).toMatchObject({ "content-type": "image/svg+xml", "cache-control": "public, no-cache" });
  expect((await raw(`${server.url}/favicon.svg`, { "if-none-match": first.headers.etag ?? "" })).status).toBe(304);
  expect((await raw(`${server.url}/robots.txt`)).body.toString()).toContain("Disallow: /");
});

test("only files of the build can be read", async ({ server }) => {
  for (const path of ["/pkg/../panel.db", "/pkg/%2e%2e/%2e%2e/Cargo.toml", "/pkg/..%2f..%2fCargo.toml", "/pkg/", "/pkg", "/hash.txt", "/.env"]) {
    const answer = await raw(`${server.url}${path}`);
    expect([401, 404], path).toContain(answer.status);
    expect(answer.body.toString(), path).not.toContain("[package]");
  }
});
