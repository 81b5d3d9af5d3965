import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const program = process.env.PANEL_PROGRAM ?? join(root, "target/release/kafkasder-panel");

/** The result of a finished command. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The released program with its own database, port and folder.
 *
 *     const server = await Server.start();
 *     await server.cli(["user", "add", "--email", "a@b.org", "--name", "A", "--role", "admin", "--password-stdin"], password);
 *     await page.goto(server.url + "/login");
 *     await server.remove();
 */
export class Server {
  /** The program's stdout since the first start. It contains the set-up link. */
  stdout = "";
  /** The program's log since the first start. */
  stderr = "";

  private child?: ChildProcess;
  private exited: Promise<void> = Promise.resolve();

  private constructor(
    readonly port: number,
    /** The folder of its database. */
    readonly dir: string,
    private readonly extra: Record<string, string>,
  ) {}

  /** Starts a server on a new, empty database. `env` overrides the default settings. */
  static async start(env: Record<string, string> = {}): Promise<Server> {
    if (!existsSync(program)) {
      throw new Error(`${program} is missing: run \`make build\`.`);
    }
    const dir = mkdtempSync(join(tmpdir(), "kafkasder-panel-"));
    const server = new Server(await freePort(), dir, env);
    running.add(server);
    try {
      await server.up();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Returns the newest set-up link. Each start without an administrator prints one. */
  setupLink(): string {
    const links = this.stdout.match(/https?:\/\/\S+\/setup\S*/g);
    const link = links?.at(-1);
    if (!link) {
      throw new Error(`No set-up link on stdout:\n${this.stdout}\n${this.stderr}`);
    }
    return link;
  }

  /** Runs a command of the program on this server's database, with `stdin` as its input. */
  cli(args: string[], stdin = ""): Promise<Ran> {
    return new Promise((done, failed) => {
      const child = spawn(program, args, { cwd: root, env: this.env() });
      const ran: Ran = { code: null, stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text) => (ran.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text) => (ran.stderr += text));
      // A command may ignore its input.
      child.stdin.on("error", () => {});
      child.stdin.end(stdin);
      child.on("error", failed);
      child.on("close", (code) => {
        ran.code = code;
        done(ran);
      });
    });
  }

  /** Stops it with SIGTERM, and waits until it has ended. */
  async stop(): Promise<void> {
    this.child?.kill("SIGTERM");
    await this.exited;
  }

  /** Kills it, as a power cut would (`kill -9`). */
  async kill(): Promise<void> {
    this.child?.kill("SIGKILL");
    await this.exited;
  }

  /** Starts it again on the same port and data; stops it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    await this.up();
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    running.delete(this);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Kills it and removes its data when the test process exits, where waiting is not possible. */
  abandon(): void {
    this.child?.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async up(): Promise<void> {
    const child = spawn(program, ["serve"], { cwd: root, env: this.env(), stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    let ended = false;
    child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.exited = new Promise((done) =>
      child.once("close", () => {
        ended = true;
        done();
      }),
    );

    const deadline = Date.now() + 15_000;
    for (;;) {
      if (ended) {
        throw new Error(`The server ended at its start (${child.exitCode ?? child.signalCode}):\n${this.stdout}\n${this.stderr}`);
      }
      const ready = await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false);
      if (ready) {
        return;
      }
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`No answer from ${this.url}/healthz after 15 s:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise((wait) => setTimeout(wait, 25));
    }
  }

  /** Keeps the developer's environment out, except for what a program needs to run. */
  private env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      DATABASE_URL: `sqlite:${join(this.dir, "panel.db")}`,
      PUBLIC_URL: this.url,
      LEPTOS_SITE_ADDR: `127.0.0.1:${this.port}`,
      LEPTOS_SITE_ROOT: join(root, "target/site"),
      RUST_LOG: process.env.RUST_LOG ?? "info",
      ...(process.env.LEPTOS_HASH_FILES ? { LEPTOS_HASH_FILES: process.env.LEPTOS_HASH_FILES } : {}),
      ...this.extra,
    };
  }
}

const running = new Set<Server>();
process.on("exit", () => running.forEach((server) => server.abandon()));

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}
