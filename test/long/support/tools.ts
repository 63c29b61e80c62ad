/** The npm packages that test/long/tools/package.json names, installed by scripts/install-runtimes.mjs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Runtime, runtimes } from '../../package/support/runtimes.ts';

export const toolsFolder = fileURLToPath(new URL('../tools/', import.meta.url));

/** Their names and versions, in the order of the file. */
export function tools(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(toolsFolder, 'package.json'), 'utf8')).dependencies;
}

/** A file of one of them. */
export function tool(name: string, path: string): string {
  return join(toolsFolder, 'node_modules', name, path);
}

function isInstalled(name: string): boolean {
  return name in runtimes ? runtimes[name as Runtime] !== undefined : existsSync(tool(name, 'package.json'));
}

/** A test that needs packages of these and runtimes: defined where all are installed. On CI they must be. */
export function testWith(needed: readonly string[], name: string, body: () => void | Promise<void>): void {
  const missing = needed.filter((each) => !isInstalled(each));
  if (missing.length === 0) test(name, body);
  else test(`${missing.join(', ')} not here, so not tried: ${name}`, () => expect(process.env.CI, 'CI has every tool').toBeUndefined());
}
