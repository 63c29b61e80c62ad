/** For files that share a process: each leaves it as it found it, so that none depends on those before it. */
import 'chainrule';
import { afterAll, beforeAll, expect } from 'vitest';
import { platform } from '../../src/platform/platform.ts';

/** What a file could leave behind, by name. */
function state(): Map<string, PropertyDescriptor> {
  const owners = { globalThis, performance, console, WebAssembly, Date, Math, 'process.env': process.env, platform: platform() };
  return new Map<string, PropertyDescriptor>([
    ['the working folder', { value: process.cwd() }],
    ...process.eventNames().map((name) => [`listeners of ${String(name)}`, { value: process.listenerCount(name) }] as const),
    ...Object.entries(owners).flatMap(([owner, value]) =>
      Object.entries(Object.getOwnPropertyDescriptors(value)).map(([key, found]) => [`${owner}.${key}`, found] as const),
    ),
  ]);
}

/** What the runtime makes when it is first asked for, such as globalThis.AbortSignal, is an accessor until then. */
const isSame = (before: PropertyDescriptor | undefined, after: PropertyDescriptor | undefined) =>
  before?.get !== undefined || Object.is(before?.value, after?.value);

let found: Map<string, PropertyDescriptor>;
beforeAll(() => {
  found = state();
});
afterAll(() => {
  const left = state();
  const changed = [...new Set([...found.keys(), ...left.keys()])].filter((name) => !isSame(found.get(name), left.get(name)));
  expect(changed, 'left behind by this file: restore it, or list the file as one that runs alone (vitest.config.ts)').toEqual([]);
});
