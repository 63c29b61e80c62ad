/** Opens pages in Chromium or Firefox. A page tells its result by POST to the server that it came from. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import type { Trained } from './results.ts';
import { binary } from './runtimes.ts';

/** What programs/report.js tells. */
export interface PageReport extends Trained {
  readonly error?: string;
  readonly isolated: boolean;
  readonly seconds: number;
  readonly frames: number;
  /** Milliseconds. */
  readonly longestGap: number;
}

export interface PageOptions {
  /** Whether the server isolates its pages, which gives them shared memory. */
  readonly isolated?: boolean;
  /** The pages' content security policy. */
  readonly policy?: string;
  /** Default Chromium. */
  readonly browser?: Browser;
}

export type Browser = 'Chromium' | 'Firefox';

const PAGE_SECONDS = 300;
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Serves a folder, opens one of its pages and waits for the report. Given the address of a server instead, everything but the report goes
 * to and fro between that server and the page.
 */
export async function openPage(
  source: string,
  page: string,
  { isolated = false, policy, browser = 'Chromium' }: PageOptions = {},
): Promise<PageReport> {
  const headers = { ...(isolated && ISOLATION), ...(policy && { 'Content-Security-Policy': policy }) };
  const server = createServer();
  const report = new Promise<PageReport>((resolve) => {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'POST') receive(request, response).then(resolve);
      else if (source.startsWith('http:')) forward(source, request, response, headers);
      else sendFile(source, request, response, headers);
    });
  });
  const close = openBrowser(browser, `${await listen(server)}/${page}`);
  try {
    return await Promise.race([report, timeout()]);
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<PageReport> {
  let text = '';
  for await (const chunk of request) text += chunk;
  response.end();
  return JSON.parse(text);
}

function sendFile(folder: string, request: IncomingMessage, response: ServerResponse, headers: Record<string, string>): void {
  const path = join(folder, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
  try {
    const bytes = readFileSync(path);
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', ...headers }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

/** What a server of another's answers, with its status and type. */
async function forward(origin: string, request: IncomingMessage, response: ServerResponse, headers: Record<string, string>): Promise<void> {
  const { accept = '*/*' } = request.headers;
  const answer = await fetch(new URL(request.url ?? '/', origin), { headers: { accept } });
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  response.writeHead(answer.status, { 'Content-Type': type, ...headers }).end(Buffer.from(await answer.arrayBuffer()));
}

/** How a browser runs without a window, with a profile of its own. */
const OPTIONS: Readonly<Record<Browser, (profile: string) => string[]>> = {
  Chromium: (profile) => ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`],
  Firefox: (profile) => ['--headless', '--no-remote', '--profile', profile],
};

/** A browser whose profile goes when it is closed. */
function openBrowser(name: Browser, url: string): () => Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'chainrule-browser-'));
  const browser = spawn(binary(name), [...OPTIONS[name](profile), url], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  return async () => {
    browser.kill();
    await ended;
    // Its helpers write there for a moment longer.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
}

function timeout(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`the page told nothing in ${PAGE_SECONDS} s`)), PAGE_SECONDS * 1000).unref();
  });
}
