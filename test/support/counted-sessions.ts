/** A backend that counts the sessions of training steps: opened, bound to data, and still there. */
import type { LocalBackend, Session } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';

/** The count since `counts.opened` was last set to 0. */
export const counts = { opened: 0, bound: 0, alive: 0 };

/** The reference, whose programs with an update are counted. */
export const countingBackend: LocalBackend = {
  ...referenceBackend,
  with: () => countingBackend,
  open(program, seed, shared) {
    const session = referenceBackend.open(program, seed, shared);
    if (!program.origins.some(({ parts }) => parts.includes('update'))) return session;
    counts.opened++;
    counts.alive++;
    return counted(session);
  },
};

function counted(session: Session): Session {
  const own = { dispose: session.dispose.bind(session), binding: session.binding.bind(session), unbind: session.unbind.bind(session) };
  let isBound = false;
  const note = (bound: boolean) => {
    counts.bound += Number(bound) - Number(isBound);
    isBound = bound;
  };
  session.binding = (data) => {
    note(true);
    return own.binding(data);
  };
  session.unbind = () => {
    note(false);
    own.unbind();
  };
  session.dispose = () => {
    note(false);
    counts.alive--;
    own.dispose();
  };
  return session;
}
