import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "./server.ts";

/** A server at the public address in front of the panel: a proxy, or the application that was there before. */
export class Front {
  /** Responds in the panel's place when it returns `true`. */
  instead: (asked: IncomingMessage, answer: ServerResponse) => boolean = () => false;
  /** Changes the headers of the panel's responses. */
  headers: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders = (headers) => headers;

  private constructor(
    readonly url: string,
    readonly server: Server,
    readonly close: () => Promise<void>,
  ) {}

  /** Starts the front with its own panel behind it. */
  static async start(): Promise<Front> {
    let front: Front | undefined;
    const door = createServer((asked, answer) => {
      if (!front || front.instead(asked, answer)) {
        return;
      }
      const { headers, server } = front;
      const onward = request(
        { host: "127.0.0.1", port: server.port, method: asked.method, path: asked.url, headers: asked.headers },
        (theirs) => {
          answer.writeHead(theirs.statusCode ?? 502, headers(theirs.headers));
          theirs.pipe(answer);
        },
      );
      onward.on("error", () => answer.destroy());
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
    const server = await Server.start({ PUBLIC_URL: url });
    front = new Front(url, server, async () => {
      await new Promise<void>((done) => {
        door.close(() => done());
        door.closeAllConnections();
      });
      await server.remove();
    });
    return front;
  }
}
