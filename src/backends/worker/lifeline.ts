/**
 * A lock that a worker holds as long as it lives. A browser says nothing of a worker that it has ended for want of memory, or that has closed
 * itself, but it then gives the lock to the page, which waits for it.
 */

/** What of a browser's locks is used. They are there in secure contexts: https, and pages of the same machine. */
interface Locks {
  request(name: string, held: () => Promise<void> | void): Promise<unknown>;
}

const LOCK = 'chainrule.lock';

const locksHere = (): Locks | undefined => (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks;

/** In the worker: takes the lock, and tells the page its name once it has it. */
export function holdLifeline(tell: (message: unknown) => void): void {
  const name = `chainrule ${Date.now()} ${Math.random()}`;
  const forEver = new Promise<void>(() => {});
  locksHere()
    ?.request(name, () => {
      tell({ [LOCK]: name });
      return forEver;
    })
    // A page without storage is refused locks: it then does without.
    .catch(() => undefined);
}

/** In the page: whether a message is the lock's name. If so, `ended` is called when the worker is no longer there, whoever has ended it. */
export function watchLifeline(message: unknown, ended: () => void): boolean {
  if (typeof message !== 'object' || message === null || !(LOCK in message)) return false;
  locksHere()
    ?.request(String(message[LOCK]), ended)
    .catch(() => undefined);
  return true;
}
