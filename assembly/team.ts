/**
 * Threads that run one program together: a leader, which the host calls, and helpers, each a separate instance over the same memory. The
 * team's block of memory, zeroed by the host, is all that they share besides the program; every word that somebody waits for has a cache
 * line of its own, and beside it the number of those asleep over it.
 */

/** Milliseconds, of a clock that runs evenly. */
@external('env', 'now')
export declare function now(): f64;

const LINE_BYTES: i32 = 64;
const ASLEEP: usize = 4;

/** Bytes from the block's start. The turn of the barrier comes first, then the number of those who have arrived at it. */
const ARRIVED: usize = LINE_BYTES;
const SESSION: usize = 2 * LINE_BYTES;
const THREADS: usize = SESSION + 4;
const GOES_ON: usize = SESSION + 8;
const FAILED: usize = SESSION + 12;
/** What of the session's program is run, see threaded.ts. */
const FROM: usize = SESSION + 16;
const TO: usize = SESSION + 20;
const PART: usize = SESSION + 24;
const PARTS: usize = SESSION + 28;
/** How often a thread looks at a word before it sleeps. */
const LOOKS: usize = SESSION + 32;
/** Each helper's line: how many runs it was told to take part in, and whether it waits for them. */
const HELPERS: usize = 3 * LINE_BYTES;
const READY: usize = 8;

/** What the host must know of the block. */
export const teamBytes: i32 = <i32>HELPERS;
export const helperBytes: i32 = LINE_BYTES;
export const offsetOfReady: i32 = <i32>READY;
export const offsetOfFailed: i32 = <i32>FAILED;

/** Some 100 µs of looking at a word, as long as it takes to wake a thread that sleeps. */
const MANY_LOOKS: i32 = 250_000;
/** Some 1 µs: where threads outnumber cores, one that looks on may keep the one that it waits for from a core. */
const FEW_LOOKS: i32 = 2_500;
/** Nanoseconds after which a leader who sleeps looks whether a helper has failed. */
const LEADER_SLEEP: i64 = 1_000_000_000;
/** The leader's sleeps before it asks itself whether the helpers help. */
const SLEEPS_ALLOWED: i32 = 4;

/** Milliseconds after which the leader forgets how it fared: of a pause between two runs, and of running unhindered. */
const LONGEST_PAUSE: f64 = 100;
const LONGEST_MEMORY: f64 = 100;

/**
 * Of this thread's latest runs as the leader: how often it slept, how long it waited, asleep or looking, how long the runs before this one
 * took, and when this one began and the one before ended.
 */
let sleeps: i32 = 0;
let waited: f64 = 0;
let ran: f64 = 0;
let began: f64 = 0;
let ended: f64 = 0;

function forgetHowItFared(): void {
  sleeps = 0;
  waited = 0;
  ran = 0;
}

/**
 * Tells the first `threads` − 1 helpers to take part in a run of code words [from, to) of the session, or of a part of the instruction there.
 * `crowded`: the threads are more than the cores.
 */
export function begin(
  team: usize,
  session: usize,
  threads: i32,
  crowded: bool,
  from: i32,
  to: i32,
  part: i32,
  parts: i32,
): void {
  began = now();
  if (began - ended > LONGEST_PAUSE) forgetHowItFared();
  store<usize>(team + SESSION, session);
  store<i32>(team + THREADS, threads);
  store<i32>(team + FROM, from);
  store<i32>(team + TO, to);
  store<i32>(team + PART, part);
  store<i32>(team + PARTS, parts);
  store<i32>(team + LOOKS, crowded ? FEW_LOOKS : MANY_LOOKS);
  store<i32>(team + GOES_ON, 1);
  for (let i = 1; i < threads; i++) raise(helperLine(team, i));
}

@inline
export function sessionOf(team: usize): usize {
  return load<usize>(team + SESSION);
}

@inline
export function threadsOf(team: usize): i32 {
  return load<i32>(team + THREADS);
}

@inline
export function fromOf(team: usize): i32 {
  return load<i32>(team + FROM);
}

@inline
export function toOf(team: usize): i32 {
  return load<i32>(team + TO);
}

@inline
export function partOf(team: usize): i32 {
  return load<i32>(team + PART);
}

@inline
export function partsOf(team: usize): i32 {
  return load<i32>(team + PARTS);
}

@inline
export function goesOn(team: usize): bool {
  return load<i32>(team + GOES_ON) != 0;
}

/** Whether a helper has failed. */
@inline
export function hasFailed(team: usize): bool {
  return atomic.load<i32>(team + FAILED) != 0;
}

/**
 * Lets the helpers go: they see it after the first meeting, and until the second nothing may change. `early`: because they are hindered, so
 * that the leader goes on alone for a while, and how it fared will be old then. False where one has failed.
 */
export function end(team: usize, threads: i32, mayWait: bool, early: bool): bool {
  store<i32>(team + GOES_ON, 0);
  const ends = meetAsLeader(team, threads, mayWait) && meetAsLeader(team, threads, mayWait);
  const hindered = isHindered(threads);
  ended = now();
  ran += ended - began;
  if (early || (ran > LONGEST_MEMORY && !hindered)) forgetHowItFared();
  return ends;
}

/** Waits until helper `index` is told to take part in a run for the `turn`th time. */
export function awaitRun(team: usize, index: i32, turn: i32): void {
  const line = helperLine(team, index);
  atomic.store<i32>(line + READY, 1);
  waitWhile(team, line, turn - 1);
}

@inline
function helperLine(team: usize, index: i32): usize {
  return team + HELPERS + <usize>(index - 1) * LINE_BYTES;
}

/** Returns when all `threads` have called it: what any of them wrote before is visible to all after. */
export function meet(team: usize, threads: i32): void {
  const turn = atomic.load<i32>(team);
  if (!arrivesLast(team, threads)) waitWhile(team, team, turn);
}

/** The same for the leader. False where a helper has failed; `mayWait`: it may sleep. */
export function meetAsLeader(team: usize, threads: i32, mayWait: bool): bool {
  const turn = atomic.load<i32>(team);
  return arrivesLast(team, threads) || differsSoon(team, turn, FEW_LOOKS) || awaitHelpers(team, turn, mayWait);
}

/** The last to arrive opens the barrier. It empties the count first: nobody arrives again before seeing the turn change. */
@inline
function arrivesLast(team: usize, threads: i32): bool {
  if (atomic.add<i32>(team + ARRIVED, 1) + 1 < threads) return false;
  atomic.store<i32>(team + ARRIVED, 0);
  raise(team);
  return true;
}

/** However long it takes: a helper may be stopped in a debugger, or its process be asleep. */
function awaitHelpers(team: usize, turn: i32, mayWait: bool): bool {
  const start = now();
  if (!differsSoon(team, turn, looks(team))) {
    sleeps++;
    do {
      if (hasFailed(team)) return false;
    } while (mayWait ? !sleepWhile(team, turn, LEADER_SLEEP) : !differsSoon(team, turn, MANY_LOOKS));
  }
  waited += now() - start;
  return true;
}

/**
 * Whether other processes keep the helpers from their cores. What the leader did without waiting, times the threads, is at least what
 * it would have taken alone: where that is less than the time gone by, it is better off so.
 */
export function isHindered(threads: i32): bool {
  if (sleeps <= SLEEPS_ALLOWED) return false;
  const elapsed = ran + now() - began;
  return <f64>threads * (elapsed - waited) < elapsed;
}

/** Who goes to sleep counts itself, then looks at the word; this changes the word, then looks at the count: one sees the other. */
function raise(at: usize): void {
  atomic.add<i32>(at, 1);
  if (atomic.load<i32>(at + ASLEEP)) atomic.notify(at, -1);
}

function waitWhile(team: usize, at: usize, value: i32): void {
  if (differsSoon(at, value, looks(team))) return;
  while (!sleepWhile(at, value, -1)) {}
}

@inline
function looks(team: usize): i32 {
  return load<i32>(team + LOOKS);
}

function differsSoon(at: usize, value: i32, looks: i32): bool {
  for (let i = 0; i < looks; i++) if (atomic.load<i32>(at) != value) return true;
  return false;
}

/** Whether the word differs when it was woken, or after `nanoseconds`; −1: no limit. */
function sleepWhile(at: usize, value: i32, nanoseconds: i64): bool {
  atomic.add<i32>(at + ASLEEP, 1);
  atomic.wait<i32>(at, value, nanoseconds);
  atomic.sub<i32>(at + ASLEEP, 1);
  return atomic.load<i32>(at) != value;
}
