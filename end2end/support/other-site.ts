import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts another site with one page, at `localhost`. It is cross-site to `127.0.0.1`. */
export async function otherSite(body: string): Promise<{ url: string; close: () => Promise<void> }> {
  const site = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    answer.end(`<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Elsewhere</title>${body}</html>`);
  });
  await new Promise<void>((done) => site.listen(0, "localhost", done));
  return {
    url: `http://localhost:${(site.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        site.close(() => done());
        site.closeAllConnections();
      }),
  };
}
