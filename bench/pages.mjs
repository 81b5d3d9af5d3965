// Measures the release's pages with Lighthouse, as a phone on slow 4G: scores, first and largest
// contentful paint. Prints medians of five runs, with minimum and maximum.
//
// `make bench` runs it; CHROMIUM must name a full Chrome or Chromium.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

const PROGRAM = 'target/release/kafkasder-panel';
const RUNS = 5;
const PERSON = { email: 'ayse@example.org', password: 'seventeen lanterns over the harbour' };
const PAGES = ['/login', '/', '/account'];
const SCORES = ['performance', 'accessibility', 'best-practices'];
const TIMES = { FCP: 'first-contentful-paint', LCP: 'largest-contentful-paint' };
/** The most milliseconds from the first to the largest contentful paint. */
const LCP_AFTER_FCP = 300;

const folder = mkdtempSync(join('target', 'bench-pages-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  DATABASE_URL: `sqlite:${folder}/panel.db`,
  PUBLIC_URL: url,
  LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
  RUST_LOG: 'warn',
};
execFileSync(
  PROGRAM,
  ['user', 'add', '--email', PERSON.email, '--name', 'Ayşe Yılmaz', '--role', 'manager', '--password-stdin'],
  { env, input: PERSON.password, stdio: ['pipe', 'ignore', 'inherit'] },
);
const server = spawn(PROGRAM, ['serve'], { env, stdio: 'ignore' });
const chrome = await launch({
  chromePath: process.env.CHROMIUM,
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'],
  logLevel: 'silent',
});
try {
  await untilReady();
  const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
  for (const page of PAGES) {
    if (page !== '/login') await browser.setCookie(...(await signIn()));
    await measure(browser, page);
  }
  await browser.disconnect();
} finally {
  await chrome.kill();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** Measures a page and prints the result. */
async function measure(browser, page) {
  const runs = [];
  for (let tries = 0; runs.length < RUNS; tries++) {
    // Lighthouse's storage reset would delete the cookies, so only the cache is cleared, here.
    const session = await (await browser.pages())[0].createCDPSession();
    await session.send('Network.clearBrowserCache');
    const flags = { port: chrome.port, onlyCategories: SCORES, disableStorageReset: true, logLevel: 'error' };
    const { lhr } = await lighthouse(url + page, flags);
    // On a busy machine, Chrome's trace sometimes lacks its start.
    if (lhr.runtimeError && tries < 2 * RUNS) continue;
    if (lhr.runtimeError) throw new Error(`${page}: ${lhr.runtimeError.message}`);
    if (new URL(lhr.finalDisplayedUrl).pathname !== page) throw new Error(`${page} led to ${lhr.finalDisplayedUrl}`);
    const scores = SCORES.map((score) => [score, Math.round(lhr.categories[score].score * 100)]);
    const times = Object.entries(TIMES).map(([name, audit]) => [name, Math.round(lhr.audits[audit].numericValue)]);
    const bytes = ['bytes', Math.round(lhr.audits['total-byte-weight'].numericValue)];
    runs.push(Object.fromEntries([...scores, ...times, bytes]));
  }
  console.log(`Lighthouse, mobile, ${page}`);
  const medians = {};
  for (const name of Object.keys(runs[0])) {
    const values = runs.map((run) => run[name]).sort((a, b) => a - b);
    medians[name] = values[(RUNS - 1) / 2];
    const unit = name === 'bytes' ? '' : name in TIMES ? ' ms' : '';
    const missed = SCORES.includes(name) && medians[name] < 100 ? '   aim: 100, missed' : '';
    console.log(`  ${name.padEnd(34)}${String(medians[name]).padStart(8)}${unit}   (${values[0]} to ${values[RUNS - 1]})${missed}`);
  }
  const after = medians.LCP - medians.FCP;
  const missed = after > LCP_AFTER_FCP ? `   aim: at most ${LCP_AFTER_FCP} ms, missed` : '';
  console.log(`  ${'LCP after FCP'.padEnd(34)}${String(after).padStart(8)} ms${missed}`);
}

/** Signs in and returns the session's cookies. */
async function signIn() {
  const cookies = new Map();
  const ask = async (path, options = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url + path, { ...options, headers: { ...options.headers, Cookie: cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return answer;
  };
  const { token } = await (await ask('/api/csrf')).json();
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': token };
  const answer = await ask('/api/auth/login', { method: 'POST', headers, body: JSON.stringify(PERSON) });
  if (answer.status !== 200) throw new Error(`no sign-in: ${await answer.text()}`);
  return [...cookies].map(([name, value]) => ({ name, value, domain: '127.0.0.1', path: '/', sameSite: 'Strict' }));
}

/** Waits until the server answers. */
async function untilReady() {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not start');
}

/** Returns a free port. */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
