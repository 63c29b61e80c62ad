import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNEL_TABLE } from '../../src/backends/wasm/backend.ts';
import { WasmElements } from '../../src/backends/wasm/elements.ts';
import { WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { BackendError } from '../../src/errors.ts';
import { assemble, counter, whole } from './programs.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.simd.wasm', import.meta.url)));
const MEGABYTE = 2 ** 18;

describe('the memory that sessions share', () => {
  it('stays as large as the largest session needs over 100 cycles of open, bind, run and dispose', () => {
    const memory = new WasmMemory(module, KERNEL_TABLE);
    const cycle = (size: number) => {
      const program = counter(size);
      const session = new WasmSession(memory, program, 1);
      const data = { data: new Float32Array(1000), width: 10 };
      session.bind({ columns: [data], rows: 100, batchSize: 1, shuffle: true });
      session.run(whole(program, 500));
      session.dispose();
    };
    cycle(MEGABYTE);
    const { bytes } = memory;
    for (let i = 0; i < 100; i++) cycle(1 + ((i * 7919) % MEGABYTE) + 31);
    expect(memory.bytes).toBe(bytes);
    expect(memory.used).toBe(0);
  });

  it('keeps the contents of the other sessions when it grows', () => {
    const memory = new WasmMemory(module, KERNEL_TABLE);
    const program = counter();
    const session = new WasmSession(memory, program, 1);
    session.write(0, [41]);
    session.write(16, [1]);
    const before = memory.bytes;
    const large = new WasmSession(memory, counter(4 * MEGABYTE), 1);
    expect(memory.bytes).toBeGreaterThan(before);
    session.run(whole(program));
    expect(session.read(0, 1)[0]).toBe(42);
    expect([...session.records(1)]).toEqual([42]);
    large.dispose();
  });

  it('is zero in every new arena, reused or not', () => {
    const memory = new WasmMemory(module, KERNEL_TABLE);
    const first = new WasmSession(memory, counter(1000), 1);
    first.write(0, new Float32Array(1000).fill(7));
    first.dispose();
    expect(new WasmSession(memory, counter(1000), 1).read(0, 1000).every((x) => x === 0)).toBe(true);
  });

  it('is zero in new parameters, where they begin in memory that was in use and end beyond it', () => {
    const memory = new WasmMemory(module, KERNEL_TABLE);
    const first = new WasmElements(memory, 1000);
    first.view(0, 1000).fill(7);
    first.dispose();
    const larger = new WasmElements(memory, 100_000);
    expect(larger.view(0, 100_000).every((x) => x === 0)).toBe(true);
    larger.view(0, 100_000).fill(7);
    larger.dispose();
    expect(new WasmElements(memory, 50_000).view(0, 50_000).every((x) => x === 0)).toBe(true);
  });

  it('refuses sessions beyond 32-bit addresses, names the sizes, and stays usable', () => {
    const memory = new WasmMemory(module, KERNEL_TABLE);
    const { bytes } = memory;
    const open = () => new WasmSession(memory, assemble(2 ** 30, []), 1);
    expect(open).toThrow(BackendError);
    expect(open).toThrow(/room for 42949\d+ bytes .* memory of \d+ bytes/);
    expect([memory.bytes, memory.used]).toEqual([bytes, 0]);
    const program = counter();
    const session = new WasmSession(memory, program, 1);
    session.write(16, [1]);
    expect(() => session.run(whole(program, 2 ** 30))).toThrow(BackendError);
    expect(session.run(whole(program, 3))).toBe(3);
    expect(session.read(0, 1)[0]).toBe(3);
  });
});
