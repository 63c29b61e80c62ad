// Installs the packed package with every package manager, its install script allowed and blocked, with a compiler and without; prints as a
// table what each installed and what a network's `backend` then says. Takes minutes, and installs the managers first.
//
//   node scripts/install-matrix.mjs [manager …]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'chainrule-matrix-'));
const COMPILERS = /^(g\+\+|c\+\+|gcc|cc|clang(\+\+)?|make|.*-(g\+\+|gcc|c\+\+|clang))(-[\d.]+)?$/;
const QUIET = ['--no-audit', '--no-fund'];

/**
 * How each manager installs, what a project has besides the dependency where scripts are allowed and where they are not, what approves them
 * afterwards, and how it runs Node.
 */
const MANAGERS = {
  'npm 11': npm('npm@11', []),
  'npm 12': npm('npm@12', [
    ['install-scripts', 'approve', 'chainrule'],
    ['rebuild', 'chainrule'],
  ]),
  'pnpm 10': {
    package: 'pnpm@10',
    bin: 'bin/pnpm.cjs',
    allowed: { approve: [['approve-builds', '--all']] },
    blocked: {},
    install: ['install', '--no-frozen-lockfile'],
  },
  'yarn 1': { package: 'yarn@1', bin: 'bin/yarn.js', allowed: {}, blocked: { flags: ['--ignore-scripts'] }, install: ['install'] },
  'yarn 4': yarn('pnp'),
  'yarn 4, node_modules': yarn('node-modules'),
};

function npm(name, approve) {
  const blocked = { flags: ['--ignore-scripts'] };
  return { package: name, bin: 'bin/npm-cli.js', allowed: { approve }, blocked, install: ['install', ...QUIET] };
}

function yarn(nodeLinker) {
  const settings = (enableScripts) => ({
    files: { '.yarnrc.yml': `nodeLinker: ${nodeLinker}\nenableScripts: ${enableScripts}\n`, 'yarn.lock': '' },
  });
  const dependency = 'npm:@yarnpkg/cli-dist@4';
  return {
    package: dependency,
    bin: 'bin/yarn.js',
    allowed: settings(true),
    blocked: settings(false),
    install: ['install', '--no-immutable'],
    node: ['node'],
  };
}

const PROGRAM = `import { dense, Network } from 'chainrule';
const network = await Network.create({ input: [1], layers: [dense(1)], loss: 'halfSquaredError' });
const { name, isa, reason } = network.backend;
console.log(JSON.stringify({ name, isa, reason }));
`;

try {
  main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main(asked) {
  const tarball = pack();
  const paths = { 'a compiler': process.env.PATH, 'no compiler': pathWithoutCompilers() };
  console.log('| manager | install script | machine has | addon | `network.backend` |\n|---|---|---|---|---|');
  for (const name of asked.length ? asked : Object.keys(MANAGERS)) {
    const manager = { ...MANAGERS[name], file: fetchManager(MANAGERS[name]) };
    for (const scripts of ['allowed', 'blocked']) {
      for (const [machine, PATH] of Object.entries(paths)) {
        const { addon, backend } = tryOut(manager, scripts, PATH, tarball);
        console.log(`| ${name} | ${scripts} | ${machine} | ${addon} | ${backend} |`);
      }
    }
  }
}

function pack() {
  run(process.env.PATH, root, 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
}

/** A folder of links to everything on the path but compilers and make. */
function pathWithoutCompilers() {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const directory of process.env.PATH.split(delimiter).filter((each) => existsSync(each))) {
    for (const name of readdirSync(directory)) {
      if (!COMPILERS.test(name) && !existsSync(join(bin, name))) link(join(directory, name), join(bin, name));
    }
  }
  return bin;
}

function link(from, to) {
  try {
    symlinkSync(realpathSync(from), to);
  } catch {
    // A link to nothing stays behind.
  }
}

function fetchManager({ package: name, bin }) {
  const home = mkdtempSync(join(folder, 'manager-'));
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  run(process.env.PATH, home, 'npm', ['install', '--silent', ...QUIET, `manager@${name.startsWith('npm:') ? name : `npm:${name}`}`]);
  return join(home, 'node_modules/manager', bin);
}

function tryOut({ file, install, node, ...manager }, scripts, PATH, tarball) {
  const { approve = [], files = {}, flags = [] } = manager[scripts];
  const project = mkdtempSync(join(folder, 'project-'));
  const dependencies = { chainrule: `file:${tarball}` };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module', dependencies }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  writeFileSync(join(project, 'main.js'), PROGRAM);
  try {
    for (const words of [[...install, ...flags], ...approve]) run(PATH, project, process.execPath, [file, ...words]);
    const words = node ? [file, ...node, 'main.js'] : ['main.js'];
    const { name, isa, reason } = JSON.parse(run(PATH, project, process.execPath, words));
    return { addon: name === 'native' ? 'built' : 'none', backend: `${name} (${isa}): ${reason}` };
  } catch (error) {
    return { addon: 'failed', backend: error.message.replaceAll('\n', ' ').slice(0, 400) };
  }
}

function run(PATH, cwd, command, args) {
  const env = { ...process.env, PATH, YARN_CACHE_FOLDER: join(folder, 'yarn-cache'), YARN_ENABLE_GLOBAL_CACHE: 'false', CI: '' };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stdout + stderr}`);
  return stdout;
}
