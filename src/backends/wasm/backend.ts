/** The WASM backend: AssemblyScript kernels on one memory. Portable: nothing here knows where the module's bytes lie. */
import { BackendError } from '../../errors.ts';
import type { GlobalModule } from '../../globals.ts';
import { TABLE_HASH } from '../../ops/numbers.generated.ts';
import { divide, divideLong, type ThreadCosts } from '../../program/divide.ts';
import { checkKernels, PROGRAM_VERSION } from '../../program/format.ts';
import type { LocalBackend } from '../backend.ts';
import { firstNotFinite } from '../finite.ts';
import { LocalSession } from '../local-session.ts';
import type { Numerics } from '../numerics.ts';
import { compileKernels, type WasmSource } from './compile.ts';
import { elementsAside, WasmElements } from './elements.ts';
import { type StartHelper, sharingProblem, webHelpers } from './helper.ts';
import { type KernelTable, WasmMemory } from './memory.ts';
import { WasmSession } from './session.ts';
import { MOST_THREADS, WasmTeam } from './team.ts';

/**
 * Measured in Node 20 on two cores of a virtual machine: relu takes 0.15 ns for each of the 32 768 elements that it touches, a product of
 * 512 × 512 matrices 0.05 ns a multiply-add. Two threads meet in 300 ns, and a share takes 35 to work out. Waking a helper that sleeps
 * takes 95 µs: every few milliseconds in a fit, but at every prediction that comes alone.
 */
const COSTS: ThreadCosts = { element: 0.15, barrier: 350, step: 50_000 };

/** Instructions that take longer here can be run in parts: other machines may be several times slower. */
const LONG_NANOSECONDS = 1e6;

/** Why such kernels do not compute with these numerics; undefined where they do. */
function refusalOf({ relaxed, fuses }: WasmMemory, numerics: Numerics): string | undefined {
  if (numerics === 'separate' && relaxed)
    return (
      'wasm: expected the kernels of chainrule.simd.wasm for a reproducible network, got those for relaxed SIMD: give setWasmSource the former, ' +
      'and the latter as its `relaxed`'
    );
  if (numerics !== 'fused' || fuses) return undefined;
  if (relaxed) return "wasm: expected an engine that fuses multiply-adds for reproducible: 'fused'; relaxed SIMD rounds them twice here";
  return (
    "wasm: expected the kernels of chainrule.relaxed.wasm for reproducible: 'fused', got those without relaxed SIMD: give setWasmSource the " +
    'former as its `relaxed`'
  );
}

/** The op table that this code compiles for. */
export const KERNEL_TABLE: KernelTable = { hash: TABLE_HASH, version: PROGRAM_VERSION, advice: 'run npm run build' };

/** How runs on WASM are divided among threads. */
export interface WasmThreads {
  /** Default: Web Workers, where there are any. */
  readonly start?: StartHelper;
  readonly costs?: ThreadCosts;
  /** How many threads can run at the same time; default 1. Where a run has more, those that wait sleep at once. */
  readonly cores?: number;
  /** A remark on the kernels. */
  readonly remark?: string;
}

/**
 * A backend over compiled kernels. All its sessions share one memory, which grows to the largest need so far; disposed sessions leave their
 * regions to later ones. Kernels built for shared memory also share the threads.
 *
 * @throws BackendError where the module is not chainrule's, was built from another op table, or needs shared memory that cannot be had.
 */
export function wasmBackend(module: GlobalModule, threads: WasmThreads = {}): LocalBackend {
  const { start = webHelpers(), costs = COSTS, cores = 1, remark } = threads;
  const memory = new WasmMemory(module, KERNEL_TABLE);
  const { threaded } = memory;
  if (threaded && start) return backendWith(memory, new WasmTeam(memory, threaded, start, cores), costs, 1, remark);
  const problem = threaded ? 'this runtime starts no threads' : (sharingProblem() ?? 'its kernels are those of the build without threads');
  return backendWith(memory, problem, costs, 1, remark);
}

/** `team`: the helpers, or why there can be none. */
function backendWith(memory: WasmMemory, team: WasmTeam | string, costs: ThreadCosts, asked: number, remark?: string): LocalBackend {
  const problem = () => (typeof team === 'string' ? team : team.failure);
  const wanted = Math.min(asked, MOST_THREADS);
  const openArena: LocalBackend['openArena'] = (program, seed, shared) => {
    checkKernels(program, 'wasm');
    const { element } = costs;
    const division = typeof team === 'string' || team.failure ? undefined : divide(program, wanted, costs);
    if (division) return new WasmSession(memory, program, seed, { division, element, team: team as WasmTeam, threads: wanted }, shared);
    const alone = { division: divideLong(program, LONG_NANOSECONDS / element), element, threads: 1 };
    return new WasmSession(memory, program, seed, alone, shared);
  };
  return {
    name: 'wasm',
    isa: memory.isa,
    remark,
    get threads() {
      return problem() ? 1 : wanted;
    },
    get limitation() {
      return wanted > 1 ? (problem() ?? (asked > wanted ? `it takes at most ${MOST_THREADS}` : undefined)) : undefined;
    },
    elementBytes: 4,
    module: memory.module,
    with: ({ threads = asked, numerics = 'fast' }) => {
      const refusal = refusalOf(memory, numerics);
      if (refusal) throw new BackendError(refusal);
      return backendWith(memory, team, costs, threads, remark);
    },
    firstNotFinite: (values) => firstNotFinite(values, 4),
    allocate: (length) => new Float32Array(length),
    reserve: (length) => new WasmElements(memory, length),
    reserveAside: elementsAside,
    openArena,
    open: (program, seed, shared) => new LocalSession(openArena(program, seed, shared)),
  };
}

/**
 * Fetches and compiles the kernels as far as the source still needs it.
 *
 * @throws BackendError where the runtime has no WebAssembly SIMD, or the kernels cannot be fetched, compiled or used.
 */
export async function loadWasm(source: WasmSource, threads: WasmThreads = {}): Promise<LocalBackend> {
  return wasmBackend(await compileKernels(source), threads);
}
