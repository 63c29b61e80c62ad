/** As page.js on an isolated page, for a bundler that copies a file only where it is imported. */
import * as chainrule from 'chainrule/wasm';
import url from 'chainrule/wasm/chainrule.simd-threads.wasm';
import { reportOf } from './report.js';

chainrule.setWasmSource({ url });
reportOf(chainrule);
