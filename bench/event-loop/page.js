/** Measures in a page, as ../event-loop.ts opens it, and tells the server. */
import * as chainrule from '../../dist/entries/browser.js';
import { measureAll } from './measure.js';

const threads = Number(new URLSearchParams(location.search).get('threads'));
let report;
try {
  report = { figures: await measureAll(chainrule, 'wasm', threads) };
} catch (error) {
  report = { error: String(error?.stack ?? error) };
}
await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
