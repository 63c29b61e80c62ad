/** What the host calls in the builds for shared memory: what index.ts has, and runs by several threads. */
import { Context } from './context';
import { dispatch } from './generated/dispatch';
import { useScratch, useWorkspace } from './scratch';
import { dispatchShare, meetsBefore } from './shares';
import { awaitRun, begin, end, goesOn, isHindered, meet, meetAsLeader, sessionOf, threadsOf } from './team';

export * from './index';
export { helperBytes, offsetOfFailed, offsetOfReady, teamBytes } from './team';

/** What `runTogether` returns where a helper has failed: the arena is in no defined state. */
export const FAILURE: i32 = -1;

/**
 * Runs all of a session's program as the leader of `threads`; its division says who does what. Returns the repeats done: fewer than
 * asked for where other processes keep the helpers from their cores, or FAILURE. `mayWait`: this thread may sleep.
 */
export function runTogether(session: usize, team: usize, threads: i32, mayWait: bool, repeats: i32, iteration: f64, rows: i32): i32 {
  const context = changetype<Context>(session);
  const shared = context.code + (<usize>context.firstShared << 2);
  useWorkspace(context.workspace);
  useScratch(context.scratch);
  begin(team, session, threads);
  let done = 0;
  for (; done < repeats && !isHindered(threads); done++) {
    context.iteration = iteration + <f64>done;
    context.useRows(rows);
    for (let at = context.code; at < shared; at += <usize>load<i32>(at, 4) << 2) dispatch(context, at);
    if (!leadStep(context, team, threads, mayWait)) return FAILURE;
  }
  return end(team, threads, mayWait) ? done : FAILURE;
}

/** From the first divided instruction to the end, between two meetings. False where a helper has failed. */
function leadStep(context: Context, team: usize, threads: i32, mayWait: bool): bool {
  const end = context.code + (<usize>context.words << 2);
  const beside = <usize>context.words << 2;
  if (!meetAsLeader(team, threads, mayWait)) return false;
  for (let at = context.code + (<usize>context.firstShared << 2); at < end; at += <usize>load<i32>(at, 4) << 2) {
    if (meetsBefore(at + beside) && !meetAsLeader(team, threads, mayWait)) return false;
    dispatchShare(context, at, at + beside, 0, threads);
  }
  return meetAsLeader(team, threads, mayWait);
}

/** Takes part as helper `index` in every run that it is told to. Never returns: its thread is ended while it waits. */
export function help(team: usize, index: i32, workspace: usize): void {
  useWorkspace(workspace);
  for (let turn = 1; ; turn++) {
    awaitRun(team, index, turn);
    const context = changetype<Context>(sessionOf(team));
    const threads = threadsOf(team);
    useScratch(context.scratch + <usize>index * context.scratchBytes);
    for (meet(team, threads); goesOn(team); meet(team, threads)) followStep(context, team, index, threads);
    meet(team, threads);
  }
}

/** What leadStep does after its first meeting. */
function followStep(context: Context, team: usize, index: i32, threads: i32): void {
  const end = context.code + (<usize>context.words << 2);
  const beside = <usize>context.words << 2;
  for (let at = context.code + (<usize>context.firstShared << 2); at < end; at += <usize>load<i32>(at, 4) << 2) {
    if (meetsBefore(at + beside)) meet(team, threads);
    dispatchShare(context, at, at + beside, index, threads);
  }
  meet(team, threads);
}
