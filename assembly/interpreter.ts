import { Context } from './context';
import { dispatch } from './generated/dispatch';
import { useScratch, useWorkspace } from './scratch';
import { dispatchShare } from './shares';

/**
 * Executes code words [from, to) `repeats` times, as the repeats of the run from `first` on, with `rows` rows until a `beginStep` says otherwise. Kernels are called and return many times a run: engines replace a function's code by
 * better code only between calls.
 */
export function interpret(context: Context, from: i32, to: i32, first: i32, repeats: i32, rows: i32): void {
  const start = context.code + (<usize>from << 2);
  const end = context.code + (<usize>to << 2);
  useWorkspace(context.workspace);
  useScratch(context.scratch);
  for (let done = 0; done < repeats; done++) {
    context.beginRepeat(first + done, rows);
    for (let at = start; at < end; at += <usize>load<i32>(at, 4) << 2) dispatch(context, at);
  }
}

/**
 * Executes part `part` of `parts` of the instruction at a code word, as if it were a thread's share. All parts, in any order, make the
 * whole.
 */
export function interpretPart(context: Context, at: i32, part: i32, parts: i32, repeat: i32, rows: i32): void {
  const instruction = context.code + (<usize>at << 2);
  useWorkspace(context.workspace);
  useScratch(context.scratch);
  context.beginRepeat(repeat, rows);
  dispatchShare(context, instruction, instruction + (<usize>context.words << 2), part, parts, 0, 1);
}
