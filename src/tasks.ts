/** Turns of the event loop. */

/**
 * Resolves in a later task of the event loop, so that what waits there is done first. By the quickest way that the runtime has: browsers
 * hold nested timers back for some milliseconds, but not messages, and older Workers have neither messages nor `setImmediate`.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') viaMessage(resolve);
    else setTimeout(resolve, 0);
  });
}

function viaMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(undefined);
}
