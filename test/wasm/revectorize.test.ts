/** Kernels whose vectors V8 has made twice as wide: where they may be asked for, and what happens where they cannot be trusted. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { haveSameResults } from '../../src/backends/same-results.ts';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { revectorizationProblem } from '../../src/node/revectorize.ts';
import type { Platform } from '../../src/platform/platform.ts';

type Api = typeof import('../../src/index.ts');

const create = ({ dense, Network }: Api, backend: 'wasm' | 'reference' = 'wasm', revectorize: unknown = true) =>
  Network.create({ input: [2], layers: [dense(1)], loss: 'halfSquaredError', backend, threads: 1, revectorize: revectorize as boolean });

/** The API on a platform that differs from this one. */
async function apiOn(part: Partial<Platform>): Promise<Api> {
  const api: Api = await import('../../src/entries/wasm-node.ts');
  const { extendPlatform } = await import('../../src/platform/platform.ts');
  extendPlatform(part);
  return api;
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

describe('revectorize', () => {
  it.each([
    [{ node: '24.9.0' }, undefined],
    [{ node: '26.0.0' }, undefined],
    [{ node: '20.20.2' }, 'Node 20.20.2'],
    [{ node: '24.9.0', deno: '2.9.6' }, 'Deno 2.9.6'],
    [{ node: '24.9.0', bun: '1.4.5' }, 'Bun 1.4.5'],
  ])('knows where it can be: %j', (versions, problem) => {
    vi.stubGlobal('process', { versions });
    expect(revectorizationProblem()).toBe(problem);
  });

  it('is refused elsewhere, whatever the backend, before anything is loaded', async () => {
    const loadWasm = vi.fn();
    const api = await apiOn({ revectorizationProblem: () => 'Node 20.20.2', loadWasm });
    for (const backend of ['wasm', 'reference'] as const) {
      await expect(create(api, backend)).rejects.toThrow(api.OptionError);
      await expect(create(api, backend)).rejects.toThrow('revectorize: expected Node 24 or newer, got Node 20.20.2');
    }
    await expect(create(api, 'wasm', 1)).rejects.toThrow(api.OptionError);
    expect(loadWasm).not.toHaveBeenCalled();
  });

  it('is refused where there is no node:v8', async () => {
    const api: Api = await import('../../src/entries/reference.ts');
    await expect(create(api, 'reference')).rejects.toThrow('expected Node 24 or newer, got a runtime, or an entry, without node:v8');
  });

  it('is off unless asked for', async () => {
    const loadRevectorizedWasm = vi.fn();
    const api = await apiOn({ revectorizationProblem: () => undefined, loadRevectorizedWasm });
    expect((await create(api, 'wasm', false)).backend.reason).toBe("backend: 'wasm'");
    expect(loadRevectorizedWasm).not.toHaveBeenCalled();
  });

  it('is loaded once, and the report says so', async () => {
    const loadRevectorizedWasm = vi.fn(loadWasmFile);
    const api = await apiOn({ revectorizationProblem: () => undefined, loadRevectorizedWasm });
    for (let i = 0; i < 2; i++) expect((await create(api)).backend.reason).toBe("backend: 'wasm'; revectorized");
    expect(loadRevectorizedWasm).toHaveBeenCalledTimes(1);
  });

  it('gives way to the plain kernels where they fail, and the report says why', async () => {
    const loadRevectorizedWasm = () => Promise.reject(new Error('other results'));
    const api = await apiOn({ revectorizationProblem: () => undefined, loadRevectorizedWasm });
    const { name, reason } = (await create(api)).backend;
    expect({ name, reason }).toEqual({ name: 'wasm', reason: "backend: 'wasm'; not revectorized: other results" });
  });

  it('says that other backends and other kernels are left as they are', async () => {
    const api = await apiOn({ revectorizationProblem: () => undefined, loadChosenWasm: loadWasmFile });
    expect((await create(api, 'reference')).backend.reason).toContain('; not revectorized: only wasm is, not reference');
    expect((await create(api)).backend.reason).toContain('; not revectorized: its kernels are those given to setWasmSource');
  });
});

describe('the comparison of two backends', () => {
  /** The same backend but for one element of what is read. */
  const altered = (backend: LocalBackend, index: number): LocalBackend => ({
    ...backend,
    openArena(program, seed) {
      const session = backend.openArena(program, seed);
      const read = session.read.bind(session);
      session.read = (offset, length) => {
        const values = read(offset, length);
        values[index] += 2 ** -20;
        return values;
      };
      return session;
    },
  });

  it('finds equal what is equal, and one element that is not', async () => {
    const backend = await loadWasmFile();
    expect(haveSameResults(backend, await loadWasmFile())).toBe(true);
    for (const index of [25_000, 26_500, 28_000, 29_500, 31_380]) expect(haveSameResults(backend, altered(backend, index))).toBe(false);
  });
});
