// Builds the release: target/release/kafkasder-panel, hash.txt beside it, and target/site.
// With a compiled server as its argument, builds the browser's part only, and puts that server with its
// hash.txt into target/tested.
//
// It does the same as `cargo leptos build --release --precompress`, with the same settings
// (`[package.metadata.leptos]` in Cargo.toml) and the same tools. Only `make dev` needs
// cargo-leptos, because compiling it takes longer than this whole build.
//
// Needs on PATH: cargo, wasm-bindgen, wasm-opt, esbuild (`make build` installs them).

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import browserslist from 'browserslist';
import { browserslistToTargets, bundle } from 'lightningcss';

const metadata = JSON.parse(run('cargo', ['metadata', '--no-deps', '--format-version', '1'], 'pipe'));
const settings = metadata.packages[0].metadata.leptos;
const name = settings['output-name'];
const site = settings['site-root'];
const pkg = join(site, settings['site-pkg-dir']);
const profile = settings['lib-profile-release'];
const front = 'target/front';
const scratch = join(front, 'release');

const compiled = process.argv[2];
const folder = compiled ? 'target/tested' : 'target/release';

// In parallel, because each build ends with a phase that uses one core.
const server = compiled ? undefined : start('cargo', ['build', '--release', '--bin', name, '--no-default-features', '--features', settings['bin-features'].join()]);
const browser = start('cargo', [
  'build', '--lib', '--target', 'wasm32-unknown-unknown', '--target-dir', front, '--profile', profile,
  '--no-default-features', '--features', settings['lib-features'].join(),
]);

await browser;
rmSync(scratch, { recursive: true, force: true });
rmSync(site, { recursive: true, force: true });
mkdirSync(pkg, { recursive: true });
const crate = name.replaceAll('-', '_');
const wasm = join(front, 'wasm32-unknown-unknown', profile, `${crate}.wasm`);
run('wasm-bindgen', [wasm, '--target', 'web', '--no-typescript', '--out-dir', scratch, '--out-name', name]);
run('wasm-opt', [...(settings['wasm-opt-features'] ?? ['-Oz', '--enable-bulk-memory', '--enable-nontrapping-float-to-int']), join(scratch, `${name}_bg.wasm`), '-o', join(pkg, `${name}.wasm`)]);
run('esbuild', [join(scratch, `${name}.js`), '--minify', '--format=esm', `--outfile=${join(pkg, `${name}.js`)}`, '--log-level=warning']);
const targets = browserslistToTargets(browserslist(settings.browserquery));
writeFileSync(join(pkg, `${name}.css`), bundle({ filename: settings['style-file'], minify: true, targets }).code);
cpSync(settings['assets-dir'], site, { recursive: true });

// The script imports wasm-bindgen's modules by name, so they keep their names.
const snippets = join(scratch, 'snippets');
if (exists(snippets)) cpSync(snippets, join(pkg, 'snippets'), { recursive: true });

const hashes = ['js', 'wasm', 'css'].map((kind) => {
  const file = join(pkg, `${name}.${kind}`);
  const hash = createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 22);
  renameSync(file, join(pkg, `${name}.${hash}.${kind}`));
  return `${kind}: ${hash}\n`;
});
for (const file of files(site)) compress(file);

await server;
mkdirSync(folder, { recursive: true });
if (compiled) copyFileSync(compiled, join(folder, basename(compiled)));
writeFileSync(join(folder, 'hash.txt'), hashes.join(''));

/** Compresses a file at the highest levels, for browsers. */
function compress(file) {
  const content = readFileSync(file);
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(`${file}.br`, brotliCompressSync(content, brotli));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

function files(folder) {
  return readdirSync(folder, { recursive: true }).map((file) => join(folder, file)).filter((file) => statSync(file).isFile());
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Runs a program and waits for its end. */
function run(program, words, stdout = 'inherit') {
  return execFileSync(program, words, { stdio: ['ignore', stdout, 'inherit'], maxBuffer: 64 * 1024 * 1024 });
}

/** Starts a program. The promise resolves when it succeeds. */
function start(program, words) {
  const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ${words[0]} failed`))));
  });
  // Prevents an unhandled rejection while the other program is awaited.
  ended.catch(() => {});
  return ended;
}
