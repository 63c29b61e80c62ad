/** Sessions that callers cannot await. */
import { BackendError } from '../errors.ts';
import type { Session, SessionNow } from './backend.ts';

/** What a session does at once. Throws BackendError, with what else to call, where its backend computes on another device. */
export function atOnce({ now }: Pick<Session, 'now'>, what: string, otherwise: string): SessionNow {
  if (!now) throw new BackendError(`${what}: expected a backend that computes in this process, got one on another device: ${otherwise}`);
  return now;
}
