// Lays out the C++ code as .clang-format says; with --check only reports what is laid out otherwise. Needs clang-format, any version from 14.
// The generator lays out what it writes.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../native', import.meta.url));
const files = readdirSync(native, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(h|cpp)$/.test(name) && !name.startsWith('generated'))
  .map((name) => join(native, name));

const how = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
const run = spawnSync('clang-format', [...how, ...files], { stdio: 'inherit' });
if (run.error) {
  console.error(`clang-format does not start (${run.error.message}); install it by your system's packages`);
  process.exit(1);
}
process.exit(run.status);
