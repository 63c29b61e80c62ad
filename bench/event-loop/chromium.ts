/** Opens page.html in Chromium. */
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './measure.js';

interface PageOptions {
  /** Whether the server isolates the page, which gives it threads. */
  readonly isolated: boolean;
  readonly threads: number;
  /** Whether its networks are computed in a worker. Default false. */
  readonly worker?: boolean;
  /** Of each measurement. */
  readonly repeats?: number;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Serves the repository, as it was last built, opens the page and waits for what it tells. */
export async function measureInChromium({ isolated, threads, worker, repeats }: PageOptions): Promise<Figure[]> {
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
  const url = `http://127.0.0.1:${port}/bench/event-loop/page.html?threads=${threads}&repeats=${repeats ?? ''}&worker=${worker ? 1 : ''}`;
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
