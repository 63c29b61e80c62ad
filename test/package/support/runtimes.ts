/** The runtimes and tools that scripts/install-runtimes.mjs installs. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../runtimes/node_modules/', import.meta.url));
const { platform, arch } = process;

/** A file of an installed package; undefined where it is not installed. */
function find(path: string): string | undefined {
  return existsSync(packages + path) ? packages + path : undefined;
}

/** The binaries themselves: the packages' own launchers want their install scripts to have run. */
export const runtimes = {
  'Node 24': find(`node-${platform}-${arch}/bin/node`),
  Deno: find(`@deno/${platform}-${arch}-glibc/deno`) ?? find(`@deno/${platform}-${arch}/deno`),
  Bun: find(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`),
  workerd: find(`@cloudflare/workerd-${platform}-${arch === 'x64' ? '64' : arch}/bin/workerd`),
  Chromium: browser(process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'),
  Firefox: browser(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'),
  Vite: find('vite/bin/vite.js'),
  esbuild: find('esbuild/bin/esbuild'),
  publint: find('publint/src/cli.js'),
  attw: find('@arethetypeswrong/cli/dist/index.js'),
};

export type Runtime = keyof typeof runtimes;

function browser(...candidates: readonly (string | undefined)[]): string | undefined {
  return candidates.find((path) => path && existsSync(path));
}

/** The binary of a runtime that a test has asked for by `testIn`. */
export function binary(runtime: Runtime): string {
  const path = runtimes[runtime];
  if (path === undefined) throw new Error(`${runtime} is not installed: run node scripts/install-runtimes.mjs`);
  return path;
}

/** A test that needs runtimes: defined where all are installed. On CI they must be. */
export function testIn(needed: readonly Runtime[], name: string, body: () => void | Promise<void>): void {
  const missing = needed.filter((runtime) => runtimes[runtime] === undefined);
  if (missing.length === 0) test(name, body);
  else test(`${missing.join(', ')} not here, so not tried: ${name}`, () => expect(process.env.CI, 'CI has every runtime').toBeUndefined());
}

/** Runs a command to its end; returns what it printed. Throws with everything it said where it fails. */
export function run(cwd: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const { CHAINRULE_BACKEND, ...inherited } = process.env;
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...inherited, ...environment } });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`);
  return stdout;
}
