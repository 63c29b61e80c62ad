/** A backend as on another device: it does what it is told in order, some time later, and nothing at once. */
import type { Backend, LocalBackend, Run, Session } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';

/** What the reference computes, a turn of the event loop after it is asked to. */
export function deviceBackend(local: LocalBackend = referenceBackend): Backend {
  return {
    ...local,
    with: () => deviceBackend(local),
    open: (program, seed, shared) => deviceSession(local.open(program, seed, shared)),
  };
}

function deviceSession(session: Session): Session {
  let queue: Promise<unknown> = Promise.resolve();
  const later = <T>(what: () => T | Promise<T>): Promise<T> => {
    const done = queue.then(() => new Promise((resolve) => setImmediate(resolve))).then(what);
    queue = done.catch(() => undefined);
    return done;
  };
  const copyOf = (values: ArrayLike<number>) => (values instanceof Int32Array ? values.slice() : Float64Array.from(values));
  return {
    program: session.program,
    share: (shared) => void later(() => session.share(shared)),
    write: (to, values, start) => {
      const copy = copyOf(values);
      later(() => session.write(to, copy, start));
    },
    bind: (data) => void later(() => session.bind(data)),
    *binding(data) {
      later(() => session.bind(data));
    },
    unbind: () => void later(() => session.unbind()),
    run: (run) => later(() => session.run(run)),
    cancel: () => session.cancel(),
    read: (from, length, start) => later(() => session.read(from, length, start)),
    records: (repeats) => later(() => session.records(repeats)),
    firstNonFinite: (runs: Iterable<Run>) => later(() => session.firstNonFinite(runs)),
    dispose: () => void later(() => session.dispose()),
  };
}
