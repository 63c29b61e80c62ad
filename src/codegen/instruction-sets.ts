/**
 * The instruction sets that native kernels are compiled for: all kernels once for each, from `native/isa/NAME.cpp` on the vector type of
 * `native/simd/NAME.h`, into a library of its own with its own flags. The generator writes of it what node-gyp (`instruction_sets.gypi`),
 * the drivers of tests (`instruction_sets.json`) and `native/cpu.cpp` (`instruction_sets.h`) read.
 */

export type Architecture = 'x64' | 'arm64';

/** A feature of x64 processors: its bit in a word (0 EAX, 1 EBX, 2 ECX, 3 EDX) of a leaf of CPUID. */
export const FEATURES = {
  fma: { leaf: 1, word: 2, bit: 12 },
  avx2: { leaf: 7, word: 1, bit: 5 },
  avx512f: { leaf: 7, word: 1, bit: 16 },
  avx512dq: { leaf: 7, word: 1, bit: 17 },
  avx512bw: { leaf: 7, word: 1, bit: 30 },
  avx512vl: { leaf: 7, word: 1, bit: 31 },
  // Not of any set: kernels ask for it (native/byte_products.h).
  avx512vnni: { leaf: 7, word: 2, bit: 11 },
} as const;

/** Registers that the system must save: bits of XCR0. */
export const REGISTERS = { none: 0x00, avx: 0x06, avx512: 0xe6 } as const;

export interface InstructionSet {
  readonly name: string;
  /** Absent: all of them. */
  readonly architecture?: Architecture;
  /** Of GCC and Clang, and of Visual C++. */
  readonly flags: readonly string[];
  readonly msvcFlags: readonly string[];
  readonly features: readonly (keyof typeof FEATURES)[];
  readonly registers: keyof typeof REGISTERS;
  /** What native/cpu.cpp asks besides: defined where the compiler knows the set, and a function that says whether the system lets it be used. */
  readonly asks?: { readonly macro: string; readonly permission: string };
}

/** No fused multiply-add but where the source asks for it; no errno from sqrt and no traps from comparisons, which would keep loops from being vectorised. */
export const KERNEL_FLAGS = ['-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-fno-exceptions', '-fno-rtti'];
/** Visual C++ fuses by pragma only: native/isa/spine.h forbids it. */
export const MSVC_KERNEL_FLAGS = ['/fp:precise'];

const AVX512 = {
  architecture: 'x64',
  flags: ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma', '-mprefer-vector-width=512'],
  msvcFlags: ['/arch:AVX512'],
  features: ['fma', 'avx2', 'avx512f', 'avx512dq', 'avx512bw', 'avx512vl'],
  registers: 'avx512',
} as const;

/** Every processor with matrix registers has its instructions. */
const AVX512BF16 = { ...AVX512, flags: [...AVX512.flags, '-mavx512bf16'] } as const;

/** Fastest first. */
export const INSTRUCTION_SETS: readonly InstructionSet[] = [
  { name: 'amx', ...AVX512BF16, asks: { macro: 'CHAINRULE_AMX', permission: 'mayUseMatrixRegisters' } },
  { name: 'avx512bf16', ...AVX512BF16, asks: { macro: 'CHAINRULE_AVX512BF16', permission: 'multipliesBfloat16' } },
  { name: 'avx512', ...AVX512 },
  {
    name: 'avx2',
    architecture: 'x64',
    flags: ['-mavx2', '-mfma'],
    msvcFlags: ['/arch:AVX2'],
    features: ['fma', 'avx2'],
    registers: 'avx',
  },
  { name: 'neon', architecture: 'arm64', flags: [], msvcFlags: [], features: [], registers: 'none' },
  { name: 'scalar', flags: [], msvcFlags: [], features: [], registers: 'none' },
];

const ARCHITECTURES: readonly Architecture[] = ['x64', 'arm64'];

/** Those of an architecture, or of all. */
const setsOf = (architecture: Architecture | undefined) => INSTRUCTION_SETS.filter((set) => set.architecture === architecture);

/** The generated files, by path from the repository's root. */
export function emitInstructionSets(): Map<string, string> {
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  return new Map([
    ['native/generated/instruction_sets.gypi', json(gypi())],
    ['native/generated/instruction_sets.json', json({ kernelFlags: KERNEL_FLAGS, sets: INSTRUCTION_SETS })],
    ['native/generated/instruction_sets.h', header()],
  ]);
}

const libraryOf = ({ name }: InstructionSet) => `kernels_${name}`;

const onArchitecture = (architecture: Architecture) => `target_arch=="${architecture}"`;

/** A list that node-gyp includes: what it reads is a literal of Python, of which this is one. Sources are relative to it. */
function gypi() {
  return {
    variables: {
      kernel_libraries: setsOf(undefined).map(libraryOf),
      conditions: ARCHITECTURES.map((own) => [onArchitecture(own), { kernel_libraries: setsOf(own).map(libraryOf) }]),
    },
    targets: setsOf(undefined).map(library),
    conditions: ARCHITECTURES.map((own) => [onArchitecture(own), { targets: setsOf(own).map(library) }]),
  };
}

function library(set: InstructionSet) {
  const flags = [...KERNEL_FLAGS, ...set.flags];
  return {
    target_name: libraryOf(set),
    type: 'static_library',
    sources: [`../isa/${set.name}.cpp`],
    cflags: flags,
    xcode_settings: { OTHER_CFLAGS: flags },
    msvs_settings: { VCCLCompilerTool: { AdditionalOptions: [...MSVC_KERNEL_FLAGS, ...set.msvcFlags] } },
  };
}

function header(): string {
  const architecture = (own: Architecture) => [`#if defined(CHAINRULE_${own.toUpperCase()})`, ...setsOf(own).flatMap(declared), '#endif'];
  return [
    '// Generated from src/codegen/instruction-sets.ts; do not edit.',
    '#pragma once',
    '',
    '#include "../isa.h"',
    '',
    'namespace chainrule {',
    '',
    '// A feature’s bit in a word of a leaf of CPUID.',
    'struct CpuFeature {',
    '  int leaf;',
    '  int word;',
    '  int bit;',
    '};',
    '',
    'namespace features {',
    ...Object.entries(FEATURES).map(([name, { leaf, word, bit }]) => `constexpr CpuFeature ${name} = {${leaf}, ${word}, ${bit}};`),
    '}  // namespace features',
    '',
    '// Bits of XCR0, by which the system says which registers it saves.',
    'namespace registers {',
    ...Object.entries(REGISTERS).map(([name, bits]) => `constexpr unsigned long long ${name} = 0x${bits.toString(16).padStart(2, '0')};`),
    '}  // namespace registers',
    '',
    ...ARCHITECTURES.flatMap(architecture),
    ...setsOf(undefined).flatMap(declared),
    '',
    '// Calls add(isa) for each that this program holds and that this machine has, fastest first; has(feature) asks the processor,',
    '// saves(registers) the system.',
    'template <typename Has, typename Saves, typename Add>',
    'void forEachInstructionSet(Has has, Saves saves, Add add) {',
    '  (void)has;',
    '  (void)saves;',
    ...ARCHITECTURES.flatMap((own) => [`#if defined(CHAINRULE_${own.toUpperCase()})`, ...setsOf(own).flatMap(added), '#endif']),
    ...setsOf(undefined).flatMap(added),
    '}',
    '',
    '}  // namespace chainrule',
    '',
  ].join('\n');
}

/** Lines that are there only where the compiler knows the set. */
function guarded({ asks }: InstructionSet, lines: readonly string[]): string[] {
  return asks ? [`#if defined(${asks.macro})`, ...lines, '#endif'] : [...lines];
}

function declared(set: InstructionSet): string[] {
  const permission = set.asks ? [`bool ${set.asks.permission}();`] : [];
  return guarded(set, [`namespace ${set.name} {`, 'extern const Isa isa;', `}  // namespace ${set.name}`, ...permission]);
}

function added(set: InstructionSet): string[] {
  const conditions = [
    ...(set.registers === 'none' ? [] : [`saves(registers::${set.registers})`]),
    ...set.features.map((name) => `has(features::${name})`),
    ...(set.asks ? [`${set.asks.permission}()`] : []),
  ];
  const add = `add(&${set.name}::isa);`;
  return guarded(set, [conditions.length === 0 ? `  ${add}` : `  if (${conditions.join(' && ')}) ${add}`]);
}
