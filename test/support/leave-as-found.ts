/** For files that share a process: each leaves it as it found it, so that none depends on those before it. */
import 'chainrule';
import { afterAll, beforeAll, expect } from 'vitest';
import { platform } from '../../src/platform/platform.ts';

/** What a file could leave behind, by name. */
function state(): Map<string, unknown> {
  const own = (owner: object) => Reflect.ownKeys(owner).map((key) => [key, Reflect.getOwnPropertyDescriptor(owner, key)?.value] as const);
  const owners = { globalThis, performance, console, WebAssembly, Date, Math, 'process.env': process.env, platform: platform() };
  return new Map<string, unknown>([
    ['the working folder', process.cwd()],
    ...process.eventNames().map((name) => [`listeners of ${String(name)}`, process.listenerCount(name)] as const),
    ...Object.entries(owners).flatMap(([owner, value]) => own(value).map(([key, found]) => [`${owner}.${String(key)}`, found] as const)),
  ]);
}

let found: Map<string, unknown>;
beforeAll(() => {
  found = state();
});
afterAll(() => {
  const left = state();
  const changed = [...new Set([...found.keys(), ...left.keys()])].filter((name) => !Object.is(found.get(name), left.get(name)));
  expect(changed, 'left behind by this file: restore it, or list the file as one that runs alone (vitest.config.ts)').toEqual([]);
});
