// Installs what the packed package is tried in and with: the npm packages that test/package/runtimes/package.json (npm test) and
// test/long/tools/package.json (npm run test:long) name, and Chromium and Firefox where it can (Debian, as root).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BROWSERS = [
  { name: 'Chromium', variable: 'CHROMIUM', commands: ['chromium', 'google-chrome'], debian: 'chromium' },
  { name: 'Firefox', variable: 'FIREFOX', commands: ['firefox-esr', 'firefox'], debian: 'firefox-esr' },
];
const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

run('npm', ['install', '--no-package-lock', ...OPTIONS], folder('test/package/runtimes/'));
run('npm', ['ci', ...OPTIONS], folder('test/long/tools/'));
installBrowsers(BROWSERS.filter((browser) => !isThere(browser)));

function folder(path) {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function isThere({ variable, commands }) {
  const given = process.env[variable];
  return given ? existsSync(given) : commands.some(hasCommand);
}

function hasCommand(name) {
  return spawnSync('which', [name]).status === 0;
}

function installBrowsers(missing) {
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) {
    for (const { name, variable } of missing) console.warn(`no ${name}: install one, or name its path in ${variable}`);
    return;
  }
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing.map(({ debian }) => debian)]);
}

function run(command, args, cwd) {
  const { error, status } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (error || status !== 0) throw new Error(`${command} failed: ${error?.message ?? `exit status ${status}`}`);
}
