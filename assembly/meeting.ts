/** Where the thread that runs here meets the others of its run, within an instruction that they compute together. */
import { meet, meetAsLeader } from './team';

let team: usize = 0;
let threads: i32 = 1;
let leads: bool = false;
let mayWait: bool = false;
let shared: usize = 0;
let together: bool = false;

/**
 * The team of all runs from now on by `members` threads, as its leader or as a helper (team.ts); and the memory that they share in an
 * instruction which they compute together.
 */
export function useTeam(at: usize, members: i32, asLeader: bool, maySleep: bool, memory: usize): void {
  team = at;
  threads = members;
  leads = asLeader;
  mayWait = maySleep;
  shared = memory;
}

/** Whether the instruction that comes next is computed together with the others, each thread a range. */
export function setTogether(is: bool): void {
  together = is;
}

@inline
export function isTogether(): bool {
  return together;
}

/** Whether it is the first of them that runs here. */
@inline
export function leadsOthers(): bool {
  return leads;
}

/** Bytes of each thread's memory, see scratch.ts. */
@inline
export function sharedScratch(): usize {
  return shared;
}

/** Returns when all of them have called it: what any of them wrote before is visible to all after. False where a helper has failed. */
export function meetOthers(): bool {
  if (ASC_FEATURE_THREADS) {
    if (leads) return meetAsLeader(team, threads, mayWait);
    meet(team, threads);
  }
  return true;
}
