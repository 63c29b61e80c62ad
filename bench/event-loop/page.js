/** Measures in a page, as ../event-loop.ts opens it, and tells the server. */
import '../../dist/entries/in-worker.js';
import * as chainrule from '../../dist/entries/browser.js';
import { measureAll } from './measure.js';

const asked = new URLSearchParams(location.search);
const threads = Number(asked.get('threads'));
const repeats = Number(asked.get('repeats')) || undefined;
let report;
try {
  report = { figures: await measureAll(chainrule, 'wasm', threads, repeats, asked.get('worker') === '1') };
} catch (error) {
  report = { error: String(error?.stack ?? error) };
}
await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
