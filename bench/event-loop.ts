/**
 * The longest task on the caller's thread of every call that takes long, on Node and in Chromium: `npm run bench:event-loop [native|wasm|page|worker|isolated …]`.
 * A page has one thread unless it is cross-origin isolated (`isolated`); in `worker` its networks are of `worker: true`. Chromium is that of CHROMIUM, or Debian's; pages are made of dist/.
 */
import * as chainrule from '../src/index.node.ts';
import { measureInChromium } from './event-loop/chromium.ts';
import { type Figure, measureAll } from './event-loop/measure.js';

const WAYS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  native: () => measureAll(chainrule, 'native', undefined),
  wasm: () => measureAll(chainrule, 'wasm', 1),
  page: () => measureInChromium({ isolated: false, threads: 1 }),
  worker: () => measureInChromium({ isolated: false, threads: 1, worker: true }),
  isolated: () => measureInChromium({ isolated: true, threads: 2 }),
};

const asked = process.argv.slice(2);
for (const way of asked.length ? asked : Object.keys(WAYS)) {
  console.log(`\n${way}: longest task and whole call, milliseconds`);
  for (const { network, call, longest, total } of await WAYS[way]())
    console.log(`${network.padEnd(20)} ${call.padEnd(18)} ${longest.toFixed(1).padStart(8)} ${total.toFixed(0).padStart(8)}`);
}
