import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('installing without a compiler', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-install-'));
    for (const path of ['package.json', 'binding.gyp', 'scripts', 'native'])
      cpSync(join(root, path), join(folder, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function install() {
    const { CXX, ...environment } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts', 'install.mjs')], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...environment, PATH: join(folder, 'empty') },
    });
    return { status, stdout, stderr };
  }

  test('says so in one line and succeeds', () => {
    expect(install()).toEqual({
      status: 0,
      stdout: 'chainrule: native addon not built (no C++ compiler was found); WebAssembly will be used\n',
      stderr: '',
    });
  });

  test('leaves no addon of an earlier build behind', () => {
    const addon = join(folder, 'build', 'Release', 'chainrule.node');
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
    writeFileSync(addon, 'of an earlier build');
    expect(install().status).toBe(0);
    expect(existsSync(addon)).toBe(false);
  });
});
