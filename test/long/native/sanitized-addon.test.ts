/** The addon itself, loaded by Node, under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer, on every instruction set. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildSanitizer, canSanitize, isasOfEachWidth } from '../../native/sanitizer.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = fileURLToPath(new URL('addon-entries.ts', import.meta.url));
const soak = fileURLToPath(new URL('../../support/soak.mjs', import.meta.url));
const SOAK_SECONDS = 20;
const addon = fileURLToPath(new URL('../../../build/driver-memory/chainrule.node', import.meta.url));

/** The sanitizers' own libraries, which must be loaded before all others. */
const libraries = () =>
  ['libasan.so', 'libubsan.so'].map((name) => execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim()).join(':');

const ASAN_OPTIONS = 'allocator_may_return_null=1:detect_leaks=1';
/** Node and V8 leave much to the system when the process ends; what of it is the addon's is found in the report. */
const LSAN_OPTIONS = 'exitcode=0';
/** What Node does not give back though the addon is done with it, by where Node allocates it. */
const LEAKS_OF_NODE = [
  // The promise of a run, where the worker that waits for it was terminated: nothing can be settled any more.
  'napi_create_promise',
];

/** Leaks in whose allocation the addon has a part. */
const leaksOfAddon = (report: string) =>
  report
    .split('\n\n')
    .filter((part) => /^(Direct|Indirect) leak/.test(part) && /chainrule\.node|native\/\w+\.(cpp|h)/.test(part))
    .filter((part) => !LEAKS_OF_NODE.some((name) => part.includes(name)));

if (canSanitize()) {
  describe('the sanitized addon', () => {
    beforeAll(() => buildSanitizer());

    test.each(isasOfEachWidth())('is called in every way there is, clean: %s', (isa) => {
      const env = { ...process.env, CHAINRULE_ADDON: addon, CHAINRULE_ISA: isa, LD_PRELOAD: libraries(), ASAN_OPTIONS, LSAN_OPTIONS };
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script], { cwd: root, encoding: 'utf8', env });
      expect(stdout, stderr).toBe('done\n');
      expect(status, stderr).toBe(0);
      expect(leaksOfAddon(stderr)).toEqual([]);
    });

    test('networks are used at random, clean', () => {
      const env = { ...process.env, CHAINRULE_ADDON: addon, LD_PRELOAD: libraries(), ASAN_OPTIONS, LSAN_OPTIONS };
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', soak, String(SOAK_SECONDS), '2'], {
        encoding: 'utf8',
        env,
      });
      expect(status, stderr).toBe(0);
      expect(Object.keys(JSON.parse(stdout).done).length).toBe(14);
      expect(leaksOfAddon(stderr)).toEqual([]);
    });
  });
}
