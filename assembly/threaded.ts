/** The exports of the builds for shared memory: those of index.ts, and runs by several threads. */
import { Context } from './context';
import { dispatch } from './generated/dispatch';
import { useTeam } from './meeting';
import { useScratch, useWorkspace } from './scratch';
import { dispatchShare, isTogether, meetsBefore } from './shares';
import { awaitRun, begin, end, fromOf, goesOn, hasFailed, isHindered, meet, meetAsLeader, partOf, partsOf, sessionOf, threadsOf, toOf } from './team';

export * from './index';
export { helperBytes, offsetOfFailed, offsetOfReady, teamBytes } from './team';

/** What `runTogether` returns where a helper has failed: the arena is in no defined state. */
export const FAILURE: i32 = -1;

/**
 * Runs code words [from, to) of a session's program as the leader of `threads`; its division says who does what. The threads meet before
 * and after, so that a range may begin anywhere. Where `parts` is not 1 the range is one instruction, and only so much of it is run as part
 * `part` of `parts`. Returns the repeats done: fewer than asked for where other processes keep the helpers from their cores, or FAILURE.
 * `mayWait`: this thread may sleep; `crowded`: there are more threads than cores.
 */
export function runTogether(
  session: usize,
  team: usize,
  threads: i32,
  mayWait: bool,
  crowded: bool,
  from: i32,
  to: i32,
  part: i32,
  parts: i32,
  first: i32,
  repeats: i32,
  rows: i32,
): i32 {
  const context = changetype<Context>(session);
  const start = context.code + (<usize>from << 2);
  const shared = firstShared(context, from);
  useWorkspace(context.workspace);
  useScratch(context.scratch);
  useTeam(team, threads, true, mayWait, sharedScratchOf(context, threads));
  begin(team, session, threads, crowded, from, to, part, parts);
  let done = 0;
  for (; done < repeats && !isHindered(threads); done++) {
    context.beginRepeat(first + done, rows);
    for (let at = start; at < shared; at += <usize>load<i32>(at, 4) << 2) dispatch(context, at);
    if (!meetAsLeader(team, threads, mayWait)) return FAILURE;
    if (!leadStep(context, team, threads, mayWait)) return FAILURE;
    if (!meetAsLeader(team, threads, mayWait)) return FAILURE;
  }
  return end(team, threads, mayWait, done < repeats) ? done : FAILURE;
}

/** Behind the memory of each thread. */
@inline
function sharedScratchOf(context: Context, threads: i32): usize {
  return context.scratch + <usize>threads * context.scratchBytes;
}

/** Where the first divided instruction lies from a code word on. The host asks for no range without one. */
@inline
function firstShared(context: Context, from: i32): usize {
  return context.code + (<usize>max(from, context.firstShared) << 2);
}

/** From the first divided instruction to the end, between two meetings. False where a helper has failed. */
function leadStep(context: Context, team: usize, threads: i32, mayWait: bool): bool {
  const end = context.code + (<usize>toOf(team) << 2);
  const beside = <usize>context.words << 2;
  const part = partOf(team);
  const parts = partsOf(team);
  for (let at = firstShared(context, fromOf(team)); at < end; at += <usize>load<i32>(at, 4) << 2) {
    if (meetsBefore(at + beside) && !meetAsLeader(team, threads, mayWait)) return false;
    dispatchShare(context, at, at + beside, part, parts, 0, threads);
    if (isTogether(at + beside) && hasFailed(team)) return false;
  }
  return true;
}

/** Takes part as helper `index` in every run that it is told to. Never returns: its thread is ended while it waits. */
export function help(team: usize, index: i32, workspace: usize): void {
  useWorkspace(workspace);
  for (let turn = 1; ; turn++) {
    awaitRun(team, index, turn);
    const context = changetype<Context>(sessionOf(team));
    const threads = threadsOf(team);
    useScratch(context.scratch + <usize>index * context.scratchBytes);
    useTeam(team, threads, false, true, sharedScratchOf(context, threads));
    for (meet(team, threads); goesOn(team); meet(team, threads)) followStep(context, team, index, threads);
    meet(team, threads);
  }
}

/** What leadStep does. */
function followStep(context: Context, team: usize, helper: i32, threads: i32): void {
  const end = context.code + (<usize>toOf(team) << 2);
  const beside = <usize>context.words << 2;
  const part = partOf(team);
  const parts = partsOf(team);
  for (let at = firstShared(context, fromOf(team)); at < end; at += <usize>load<i32>(at, 4) << 2) {
    if (meetsBefore(at + beside)) meet(team, threads);
    dispatchShare(context, at, at + beside, part, parts, helper, threads);
  }
  meet(team, threads);
}
