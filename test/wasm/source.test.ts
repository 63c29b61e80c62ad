/** Where the kernels come from: the entries, and `setWasmSource`. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasRelaxedSimd } from '../../src/backends/wasm/variant.ts';

/** For networks that need not be reproducible. */
const fastest = hasRelaxedSimd() ? 'relaxed' : 'simd';

const kernels = (name: string) => readFileSync(new URL(`../../wasm/${name}`, import.meta.url));
const bytes = kernels('chainrule.simd.wasm');

/** The API as a program has it that imports this entry and no other. */
type Api = typeof import('../../src/index.ts');

const create = ({ dense, Network }: Api, backend: 'auto' | 'wasm' | 'native' | 'reference' = 'auto') =>
  Network.create({ input: [2], layers: [dense(1)], loss: 'halfSquaredError', backend });

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

describe('setWasmSource', () => {
  it('goes before the entry’s own source, for all networks created later', async () => {
    const api = await import('../../src/entries/worker.ts');
    await expect(create(api)).rejects.toThrow("import module from 'chainrule/wasm/chainrule.simd.wasm' and setWasmSource({ module })");
    api.setWasmSource({ module: new WebAssembly.Module(bytes) });
    expect((await create(api)).backend).toMatchObject({ name: 'wasm', reason: 'the fastest backend here' });
    api.setWasmSource({ bytes: new Uint8Array(8) });
    await expect(create(api)).rejects.toThrow(/no backend loads: wasm: expected bytes of a WebAssembly module/);
  });

  it('takes bytes as an ArrayBuffer, and a url as text', async () => {
    const api: Api = await import('../../src/index.ts');
    api.setWasmSource({ bytes: new Uint8Array(bytes).buffer });
    expect((await create(api)).backend.name).toBe('wasm');
    const fetched = vi.fn(async () => new Response(bytes));
    vi.stubGlobal('fetch', fetched);
    api.setWasmSource({ url: 'kernels.wasm' });
    expect((await create(api)).backend.name).toBe('wasm');
    expect(fetched).toHaveBeenCalledWith('kernels.wasm');
  });

  it.each([
    [{}, 'expected one of module, bytes and url, got none of them'],
    [{ module: 'kernels.wasm' }, "setWasmSource.module: expected a WebAssembly.Module, got 'kernels.wasm'"],
    [{ bytes: [0, 1] }, 'setWasmSource.bytes: expected a Uint8Array or an ArrayBuffer, got [0, 1]'],
    [{ url: 1 }, 'setWasmSource.url: expected a path or a URL, got 1'],
    [{ url: 'a', bytes: new Uint8Array() }, 'expected one of module, bytes and url, got bytes and url'],
    [{ path: 'a' }, "unknown option 'path'"],
    [{ url: 'a', relaxed: {} }, 'setWasmSource.relaxed: expected one of module, bytes and url, got none of them'],
    [{ url: 'a', relaxed: { url: 1 } }, 'setWasmSource.relaxed.url: expected a path or a URL, got 1'],
    [{ url: 'a', relaxed: { relaxed: {} } }, "unknown option 'relaxed'"],
    [{ relaxed: { url: 'a' } }, 'setWasmSource: expected one of module, bytes and url, got none of them'],
    ['kernels.wasm', 'expected an object of options'],
  ])('refuses %j', async (source, message) => {
    const { OptionError, setWasmSource }: Api = await import('../../src/index.ts');
    expect(() => setWasmSource(source as object)).toThrow(OptionError);
    expect(() => setWasmSource(source as object)).toThrow(message);
  });
});

describe.each([
  [true, '-threads'],
  [false, ''],
])('the build of the kernels, cross-origin isolated: %s', (isolated, threads) => {
  const load = async (relaxed: boolean) => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(true).mockReturnValueOnce(relaxed);
    const fetched = vi.fn(async (_: URL) => new Response(bytes));
    vi.stubGlobal('fetch', fetched);
    vi.stubGlobal('crossOriginIsolated', isolated);
    return { api: (await import('../../src/entries/browser.ts')) as Api, urls: () => fetched.mock.calls.map(([url]) => variantOf(url)) };
  };
  const variantOf = (url: URL) => /chainrule\.([\w-]+)\.wasm$/.exec(String(url))?.[1];
  const networkOf = ({ dense, Network }: Api, reproducible: boolean) =>
    Network.create({ input: [2], layers: [dense(1)], loss: 'halfSquaredError', reproducible });

  afterEach(() => vi.restoreAllMocks());

  it('is the relaxed one where the engine has it, and nothing else is fetched', async () => {
    const { api, urls } = await load(true);
    await networkOf(api, false);
    expect(urls()).toEqual([`relaxed${threads}`]);
  });

  it('is the plain one where the engine lacks it', async () => {
    const { api, urls } = await load(false);
    await networkOf(api, false);
    expect(urls()).toEqual([`simd${threads}`]);
  });

  it('is the plain one for reproducible networks everywhere, each fetched once', async () => {
    const { api, urls } = await load(true);
    await networkOf(api, true);
    expect(urls()).toEqual([`simd${threads}`]);
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(true);
    await networkOf(api, false);
    await networkOf(api, true);
    expect(urls()).toEqual([`simd${threads}`, `relaxed${threads}`]);
  });
});

describe('entries', () => {
  it.each([
    [true, `chainrule.${fastest}-threads.wasm`],
    [false, `chainrule.${fastest}.wasm`],
  ])('the browser’s fetches the kernels from beside the library; cross-origin isolated: %s', async (isolated, name) => {
    const fetched = vi.fn(async (_: URL) => new Response(kernels(name)));
    vi.stubGlobal('fetch', fetched);
    vi.stubGlobal('crossOriginIsolated', isolated);
    const api = await import('../../src/entries/browser.ts');
    expect((await create(api)).backend.name).toBe('wasm');
    expect(String(fetched.mock.calls[0][0]).endsWith(`/wasm/${name}`)).toBe(true);
  });

  it('auto says that the kernels are missing, and takes those that the script carries, not the slow reference', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    const api = await import('../../src/entries/browser.ts');
    expect((await create(api)).backend).toMatchObject({ name: 'wasm', reason: expect.stringContaining('404') });
  });

  it('of pages and workers have the reference where chainrule/reference is imported besides', async () => {
    const api: Api = await import('../../src/entries/browser.ts');
    const missing = "reference: not a backend of this runtime, or not of the entry imported; expected import 'chainrule/reference' besides";
    await expect(create(api, 'reference')).rejects.toThrow(missing);
    const network = await api.Network.create({ input: [1], layers: [api.dense(1)], loss: 'halfSquaredError' });
    const data = { x: [[1]], y: [[2]] };
    await expect(network.checkGradients(data)).rejects.toThrow(missing);
    await import('../../src/entries/reference.ts');
    expect((await create(api, 'reference')).backend.name).toBe('reference');
    expect((await network.checkGradients(data)).maxRelativeError).toBeLessThan(1e-5);
  });

  it('have the backends that they name', async () => {
    const reference = await import('../../src/entries/reference.ts');
    expect((await create(reference)).backend.name).toBe('reference');
    await expect(create(reference, 'wasm')).rejects.toThrow('wasm: not a backend of this runtime, or not of the entry imported');
    const wasm: Api = await import('../../src/entries/wasm-node.ts');
    expect((await create(wasm)).backend.name).toBe('wasm');
    await expect(create(wasm, 'native')).rejects.toThrow('native: not a backend of this runtime, or not of the entry imported');
  });

  it('add to each other where a program imports several', async () => {
    const inline: Api = await import('../../src/entries/inline.ts');
    await import('../../src/entries/worker.ts');
    expect((await create(inline)).backend.name).toBe('wasm');
  });
});

describe('older runtimes', () => {
  it('without FinalizationRegistry, MessageChannel and setImmediate train all the same', async () => {
    for (const name of ['FinalizationRegistry', 'MessageChannel', 'setImmediate']) vi.stubGlobal(name, undefined);
    const api: Api = await import('../../src/entries/inline.ts');
    const network = await create(api);
    const { losses } = await network.fit(
      {
        x: [
          [0, 1],
          [1, 0],
        ],
        y: [[1], [0]],
      },
      { epochs: 20_000, batchSize: 1 },
    );
    network.dispose();
    expect(losses.at(-1)).toBeLessThan(1e-3);
  });
});
