import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(root, 'build', 'Release', 'chainrule.node');

describe('installing without a compiler', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-install-'));
    for (const path of ['package.json', 'binding.gyp', 'scripts', 'native'])
      cpSync(join(root, path), join(folder, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function install(path = join(folder, 'empty')) {
    const { CXX, npm_config_node_gyp, ...environment } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts', 'install.mjs')], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...environment, PATH: path },
    });
    return { status, stdout, stderr };
  }

  test('says so in one line and succeeds', () => {
    expect(install()).toEqual({
      status: 0,
      stdout: 'chainrule: native addon not built (no C++ compiler was found, install one (g++ or clang)); WebAssembly will be used\n',
      stderr: '',
    });
  });

  test('uses a node-gyp that is installed globally', () => {
    rmSync(join(folder, 'node_modules'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const command of ['g++', 'make', 'python3']) writeFileSync(join(bin, command), '');
    writeFileSync(join(folder, 'node-gyp.js'), `console.error('error: asked to ' + process.argv[2]); process.exit(1);`);
    symlinkSync(join(folder, 'node-gyp.js'), join(bin, 'node-gyp'));
    expect(install(bin).stdout).toContain('(the build failed: asked to configure, see build/install.log)');
  });

  test('leaves no addon of an earlier build behind', () => {
    const addon = join(folder, 'build', 'Release', 'chainrule.node');
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
    writeFileSync(addon, 'of an earlier build');
    expect(install().status).toBe(0);
    expect(existsSync(addon)).toBe(false);
  });

  /** What a network's `backend` says in a package with these files, in a process of its own. */
  function backend(variables: Readonly<Record<string, string>> = {}): { name: string; reason: string } {
    for (const path of ['dist', 'wasm']) cpSync(join(root, path), join(folder, path), { recursive: true });
    const program = `const { Network, dense } = await import(${JSON.stringify(join(folder, 'dist/index.node.js'))});
      const network = await Network.create({ input: [1], layers: [dense(1)], loss: 'halfSquaredError' });
      console.log(JSON.stringify(network.backend));`;
    const { CHAINRULE_BACKEND, ...env } = process.env;
    return JSON.parse(
      spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', env: { ...env, ...variables } }).stdout,
    );
  }

  const FAILED = 'the native addon could not be loaded: ';

  test('is told by network.backend, with what to do', () => {
    install();
    const reason =
      'it was not built when chainrule was installed: no C++ compiler was found, install one (g++ or clang); then: npm rebuild chainrule';
    expect(backend()).toMatchObject({ name: 'wasm', reason: FAILED + reason });
  });

  test('is told by network.backend where the install script was blocked, with how to allow it', () => {
    const { name, reason } = backend();
    expect(name).toBe('wasm');
    expect(reason).toBe(
      `${FAILED}it was not built, for its install script has not run: allow it (npm install-scripts approve chainrule, pnpm approve-builds, ` +
        'bun pm trust chainrule), or run npm rebuild chainrule',
    );
  });

  test('is told by network.backend where the addon does not load', () => {
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
    writeFileSync(join(folder, 'build', 'Release', 'chainrule.node'), 'of another machine');
    expect(backend().reason).toMatch(
      /^the native addon could not be loaded: .*(too short|invalid|not a mach-o).*; npm rebuild chainrule builds it again$/i,
    );
  });

  test.runIf(existsSync(BUILT))('is told of an instruction set that the machine does not have, which no build would bring', () => {
    cpSync(BUILT, join(folder, 'build', 'Release', 'chainrule.node'));
    expect(backend({ CHAINRULE_ISA: 'mmx' }).reason).toMatch(
      /CHAINRULE_ISA is mmx, which this machine does not have; expected one of [a-z0-9, ]+$/,
    );
  });
});
