/** Gives the command line its run bit, which the TypeScript compiler does not: package managers set it only where they link the command. */
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
