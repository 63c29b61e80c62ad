import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { expectTrainedOnWasm } from './support/results.ts';
import { binary, run, testIn } from './support/runtimes.ts';

const app = inject('app');

/** No addon was built, for the package was installed with scripts off: WASM it is, and the report says why. */
async function trainsIn(node: string, isa?: 'relaxed-simd128'): Promise<void> {
  const result = JSON.parse(run(app, node, ['main.js', 'chainrule']));
  await expectTrainedOnWasm(result, 2, isa);
  expect(result.reason).toContain('the native addon could not be loaded: it was not built, for its install script has not run: allow it');
}

describe('the packed package', () => {
  test('trains in this Node', () => trainsIn(process.execPath));

  testIn(['Node 24'], 'trains in Node 24', () => trainsIn(binary('Node 24'), 'relaxed-simd128'));

  test('has a command line', () => {
    const output = run(app, process.execPath, [join('node_modules', '.bin', 'chainrule'), 'train', 'digits', '--epochs', '2']);
    expect(output).toContain('wasm');
  });
});
