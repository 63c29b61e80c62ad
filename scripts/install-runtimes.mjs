// Installs what test/package/ runs the packed package in: the npm packages that test/package/runtimes/package.json names, and Chromium
// where it can (Debian, as root).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/package/runtimes/', import.meta.url));

run('npm', ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline'], folder);
if (!hasChromium()) installChromium();

function hasChromium() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return existsSync(CHROMIUM);
  return ['chromium', 'google-chrome'].some((name) => spawnSync('which', [name]).status === 0);
}

function installChromium() {
  if (process.getuid?.() !== 0 || spawnSync('which', ['apt-get']).status !== 0) {
    console.warn('no Chromium: install one, or name its path in CHROMIUM');
    return;
  }
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

function run(command, args, cwd) {
  const { error, status } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (error || status !== 0) throw new Error(`${command} failed: ${error?.message ?? `exit status ${status}`}`);
}
