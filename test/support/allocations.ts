/** What code allocates, counted: the same on every machine, unlike time. */

type Constructor = new (...given: never[]) => ArrayLike<unknown> | ArrayBufferLike;

const COUNTED = ['ArrayBuffer', 'SharedArrayBuffer', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Uint8Array', 'Array'];
const REFERENCE_BYTES = 8;

/** Bytes of all the buffers, typed arrays and arrays of a given length that are made while the body runs. */
export async function bytesAllocated(body: () => unknown): Promise<number> {
  let bytes = 0;
  const globals = globalThis as unknown as Record<string, Constructor>;
  const originals = COUNTED.map((name) => [name, globals[name]] as const);
  const replace = (name: string, original: Constructor, made: Constructor) => {
    globals[name] = made;
    original.prototype.constructor = made; // What slice and map make is of this one.
  };
  for (const [name, original] of originals) {
    const construct: ProxyHandler<Constructor>['construct'] = (target, given, newTarget) => {
      const made = Reflect.construct(target, given, newTarget);
      bytes += ownBytes(made, given[0]);
      return made;
    };
    replace(name, original, new Proxy(original, { construct }));
  }
  try {
    await body();
  } finally {
    for (const [name, original] of originals) replace(name, original, original);
  }
  return bytes;
}

/** A view of a buffer that was there has none. */
function ownBytes(made: { byteLength?: number; length?: number }, given: unknown): number {
  if (ArrayBuffer.isView(made) && made.buffer === given) return 0;
  return made.byteLength ?? REFERENCE_BYTES * (made.length as number);
}
