/** Whoever imports this compiles with all passes. */
import { fuseElements } from './element-runs.ts';
import { passes } from './passes.ts';

passes.fuseElements = fuseElements;
