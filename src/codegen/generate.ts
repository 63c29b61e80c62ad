/**
 * Writes native/generated, assembly/generated and src/ops/numbers.generated.ts from the op table and the other records here, so that no list is kept by hand. `--check` writes nothing and
 * fails where a file is not what the table says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emitAssemblyScript } from './assemblyscript.ts';
import { emitCpp } from './cpp.ts';
import { emitInstructionSets } from './instruction-sets.ts';
import { emitNumbers } from './numbers.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Every generated file, by path from the repository's root. */
export function generatedFiles(): Map<string, string> {
  return new Map([...emitCpp(), ...emitAssemblyScript(), ...emitInstructionSets(), ...emitNumbers()]);
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = [...generatedFiles()].filter(([path, text]) => current(path) !== text);
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`${path} is not what the tables say: run npm run generate`);
    process.exitCode = stale.length ? 1 : 0;
  } else {
    for (const [path, text] of stale) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      console.log(`wrote ${path}`);
    }
  }
}
