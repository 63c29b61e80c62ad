/**
 * The longest task on the caller's thread of every call that takes long, on Node and in Chromium: `npm run bench:event-loop [native|wasm|page|isolated …]`.
 * A page has one thread unless it is cross-origin isolated (`isolated`). Chromium is that of CHROMIUM, or Debian's; pages are made of dist/.
 */
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import * as chainrule from '../src/index.node.ts';
import { type Figure, measureAll } from './event-loop/measure.js';

const WAYS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  native: () => measureAll(chainrule, 'native', undefined),
  wasm: () => measureAll(chainrule, 'wasm', 1),
  page: () => measureInChromium({ isolated: false, threads: 1 }),
  isolated: () => measureInChromium({ isolated: true, threads: 2 }),
};

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const root = join(import.meta.dirname ?? '.', '..');

/** Serves the repository, opens the page and waits for what it tells. */
async function measureInChromium({ isolated, threads }: { isolated: boolean; threads: number }): Promise<Figure[]> {
  const server = createServer();
  const told = new Promise<string>((resolve) => {
    server.on('request', (request, response) => {
      if (request.method === 'POST') {
        textOf(request).then(resolve);
        response.end();
        return;
      }
      const path = join(root, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
      response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', ...(isolated && ISOLATION) });
      createReadStream(path)
        .on('error', () => response.end())
        .pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(tmpdir(), 'chainrule-chromium-'));
  const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
  const url = `http://127.0.0.1:${port}/bench/event-loop/page.html?threads=${threads}`;
  const browser = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [...options, url], { stdio: 'ignore' });
  try {
    const { figures, error } = JSON.parse(await told);
    if (error) throw new Error(error);
    return figures;
  } finally {
    browser.kill();
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const asked = process.argv.slice(2);
for (const way of asked.length ? asked : Object.keys(WAYS)) {
  console.log(`\n${way}: longest task and whole call, milliseconds`);
  for (const { network, call, longest, total } of await WAYS[way]())
    console.log(`${network.padEnd(20)} ${call.padEnd(18)} ${longest.toFixed(1).padStart(8)} ${total.toFixed(0).padStart(8)}`);
}
