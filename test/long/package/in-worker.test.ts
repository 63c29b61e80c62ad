import process from 'node:process';
import { describe, expect, inject } from 'vitest';
import { binary, type Runtime, run, testIn } from '../../package/support/runtimes.ts';

describe('the packed package, with a worker', () => {
  const ARGUMENTS: readonly (readonly [Runtime | 'this Node', readonly string[]])[] = [
    ['this Node', []],
    ['Node 24', []],
    ['Deno', ['run', '--no-prompt', '--allow-read']],
    ['Bun', []],
  ];
  for (const [runtime, args] of ARGUMENTS)
    testIn(runtime === 'this Node' ? [] : [runtime], `trains the same in ${runtime}, and says where the worker has ended`, () => {
      const command = runtime === 'this Node' ? process.execPath : binary(runtime);
      const { isSame, ended } = JSON.parse(run(inject('app'), command, [...args, 'in-worker-here.js']));
      expect(isSame).toBe(true);
      expect(ended).toMatch(/^BackendError: the worker that computes this network has failed: its thread ended/);
    });
});
