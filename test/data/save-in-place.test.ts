/** Writing a file replaces what a file holds, and nothing else of what stands at its path. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DataError, type FileLocation, OptionError } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBytes } from '../../src/node/files.ts';
import { temporaryName } from '../../src/node/temporaries.ts';
import { readBytes } from '../support/whole-files.ts';

const NEW = Uint8Array.of(7, 8, 9);
const isRoot = process.getuid?.() === 0;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-save-'));
  path = join(folder, 'model');
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const isNew = (file: string) => expect([...readFileSync(file)]).toEqual([...NEW]);

async function refused(call: Promise<unknown>, ...parts: readonly string[]): Promise<void> {
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error, String(error)).toBeInstanceOf(DataError);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

describe('save writes through links', () => {
  const inFolder = (name: string) => join(folder, name);

  it('to a file', async () => {
    writeFileSync(inFolder('target'), 'old');
    symlinkSync('target', path);
    await writeBytes(path, NEW);
    expect(readlinkSync(path)).toBe('target');
    expect(lstatSync(inFolder('target')).isFile()).toBe(true);
    isNew(inFolder('target'));
  });

  it('in a folder that is itself a link, upwards', async () => {
    mkdirSync(inFolder('deep/below'), { recursive: true });
    symlinkSync('deep/below', inFolder('link'));
    symlinkSync('../model', inFolder('deep/below/up'));
    await writeBytes(inFolder('link/up'), NEW);
    isNew(inFolder('deep/model'));
    expect(lstatSync(inFolder('deep/below/up')).isSymbolicLink()).toBe(true);
  });

  it('one after the other, to what is not there yet', async () => {
    symlinkSync('second', path);
    symlinkSync(inFolder('third'), inFolder('second'));
    await writeBytes(path, NEW);
    isNew(inFolder('third'));
    expect(readdirSync(folder).sort()).toEqual(['model', 'second', 'third']);
  });

  it('in a circle: refused', async () => {
    symlinkSync('other', path);
    symlinkSync('model', inFolder('other'));
    await refused(writeBytes(path, NEW), path);
    expect(readdirSync(folder).sort()).toEqual(['model', 'other']);
  });
});

describe('save refuses, and leaves as it is,', () => {
  it('a folder', async () => {
    mkdirSync(path);
    await refused(writeBytes(path, NEW), 'expected a regular file or none', 'got a folder');
    await refused(readBytes(path), 'got a folder');
  });

  it.runIf(existsSync('/dev/null'))('a device, and a link to one', async () => {
    const before = statSync('/dev/null');
    symlinkSync('/dev/null', path);
    for (const place of ['/dev/null', path]) await refused(writeBytes(place, NEW), 'got a device');
    expect(statSync('/dev/null').ino).toBe(before.ino);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    await refused(readBytes('/dev/zero'), 'got a device');
  });

  it.runIf(process.platform !== 'win32')('a named pipe', async () => {
    execFileSync('mkfifo', [path]);
    await refused(writeBytes(path, NEW), 'got a named pipe');
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it.runIf(process.platform !== 'win32')('a socket', async () => {
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    await refused(writeBytes(path, NEW), 'got a socket');
    await refused(readBytes(path), 'got a socket');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('save keeps of an existing file', () => {
  it.each([0o600, 0o640, 0o664, 0o755])('mode %o', async (mode) => {
    writeFileSync(path, 'old');
    chmodSync(path, mode);
    await writeBytes(path, NEW);
    isNew(path);
    expect(statSync(path).mode & 0o7777).toBe(mode);
  });

  it('a new file has the mode that the process gives its files', async () => {
    writeFileSync(join(folder, 'plain'), '');
    await writeBytes(path, NEW);
    expect(statSync(path).mode).toBe(statSync(join(folder, 'plain')).mode);
  });

  it.runIf(isRoot)('its owner, where the process may set it', async () => {
    writeFileSync(path, 'old');
    chownSync(path, 12345, 23456);
    await writeBytes(path, NEW);
    expect([statSync(path).uid, statSync(path).gid]).toEqual([12345, 23456]);
  });

  it('the old bytes under another hard link', async () => {
    writeFileSync(path, 'old');
    linkSync(path, join(folder, 'other'));
    await writeBytes(path, NEW);
    isNew(path);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('old');
  });
});

describe('save to a file name', () => {
  it('of 250 characters are written and read', async () => {
    const long = join(folder, 'n'.repeat(250));
    await writeBytes(long, NEW);
    expect([...(await readBytes(long))]).toEqual([...NEW]);
    expect(readdirSync(folder)).toEqual(['n'.repeat(250)]);
  });

  it.each<[string, () => FileLocation, string]>([
    ['300 characters', () => join(folder, 'n'.repeat(300)), 'ENAMETOOLONG'],
    ['NUL', () => `${path}\0.txt`, 'without NUL'],
    ['NUL in a URL', () => new URL('file:///tmp/model%00'), 'NUL'],
    ['a slash in a URL', () => new URL('file:///tmp/a%2Fb'), 'expected the URL of a file'],
    ['no folder', () => join(folder, 'no', 'model'), 'ENOENT'],
    ['a file as a folder', () => fileURLToPath(new URL('model', import.meta.url.concat('/'))), 'ENOTDIR'],
    ['https as a URL', () => new URL('https://example.org/model'), 'expected a path or a file: URL, got https://example.org/model'],
    ['https as text', () => 'https://example.org/model', 'Network.fromBytes'],
    ['data: as a URL', () => new URL('data:,model'), 'expected a path or a file: URL'],
  ])('%s: DataError', async (_, location, part) => {
    await refused(writeBytes(location(), NEW), part);
    await refused(readBytes(location()), part);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([undefined, null, 5, '', {}, ['model']])('%j: OptionError', async (location) => {
    await expect(writeBytes(location as never, NEW)).rejects.toThrow(OptionError);
    await expect(readBytes(location as never)).rejects.toThrow(OptionError);
  });

  it('file: URLs are written and read, spaces and all', async () => {
    const url = pathToFileURL(join(folder, 'a model ü'));
    await writeBytes(url, NEW);
    isNew(join(folder, 'a model ü'));
    expect([...(await readBytes(url))]).toEqual([...NEW]);
  });
});

describe('save that cannot write:', () => {
  const NOBODY = isRoot ? '65534' : '';
  /** The error that `writeBytes` ends with in a process that may do less. */
  const inProcess = (prefix: string, user = '') => {
    const script = fileURLToPath(new URL('save-once.ts', import.meta.url));
    const command = `${prefix} exec "${process.execPath}" --import tsx "${script}" "${path}" 200000 ${user}`;
    return spawnSync('bash', ['-c', command], { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } });
  };

  it.runIf(process.platform !== 'win32')('a folder that is not the process’s: DataError, the old file stays', () => {
    writeFileSync(path, 'old');
    chmodSync(path, 0o644);
    chmodSync(folder, 0o555);
    const { stdout, stderr } = inProcess('', NOBODY);
    expect(stdout, stderr).toContain('DataError');
    expect(stdout).toContain('EACCES');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it.runIf(process.platform !== 'win32')('a file that is protected: DataError, it stays', () => {
    writeFileSync(path, 'old');
    chmodSync(path, 0o444);
    chmodSync(folder, 0o777);
    const { stdout, stderr } = inProcess('', NOBODY);
    expect(stdout, stderr).toContain('DataError');
    expect(stdout).toContain('EACCES');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it.runIf(process.platform !== 'win32')('a file larger than the process may write: DataError, the old file stays, nothing is left', () => {
    writeFileSync(path, 'old');
    const { stdout, stderr } = inProcess('ulimit -f 50;');
    expect(stdout, stderr).toContain('DataError');
    expect(stdout).toContain('EFBIG');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['model']);
  });

  const mount = (place: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  const unmount = (place: string) => spawnSync('umount', [place]).status === 0;

  it.runIf(isRoot && process.platform === 'linux' && mount('/mnt') && unmount('/mnt'))(
    'a full disk: DataError, the old file stays, nothing is left',
    async () => {
      mount(folder);
      try {
        await writeBytes(path, NEW);
        await refused(writeBytes(path, new Uint8Array(200_000)), `expected to write 200000 bytes to ${path}`, 'ENOSPC');
        isNew(path);
        expect(readdirSync(folder)).toEqual(['model']);
      } finally {
        unmount(folder);
      }
    },
  );
});

describe('a temporary file of a killed process', () => {
  /** The number of a process that is no more. */
  const deadProcess = () => spawnSync(process.execPath, ['-e', '']).pid;
  const left = (pid: number, name = temporaryName()) => {
    const of = name.replace(`-${process.pid}-`, `-${pid}-`);
    writeFileSync(join(folder, of), 'half');
    return of;
  };
  const hourAgo = Date.now() / 1000 - 3600;

  it('is removed when the next file is written to the folder', async () => {
    left(deadProcess());
    await writeBytes(path, NEW);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('of a process with the same number, as in a restarted container, is removed too', async () => {
    const name = left(process.pid);
    const before = Date.now() / 1000 - process.uptime() - 60;
    utimesSync(join(folder, name), before, before);
    await writeBytes(path, NEW);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('stays while another process may still write it, and so do files of others', async () => {
    const dead = deadProcess();
    const names = [
      left(process.ppid),
      left(process.pid),
      left(dead, temporaryName().replace('.chainrule-', '.chainrule-elsewhere')),
      left(dead, '.chainrule-notes.tmp'),
      left(dead, `model.${dead}.0.tmp`),
    ];
    for (const name of names.filter((_, i) => i !== 1)) utimesSync(join(folder, name), hourAgo, hourAgo);
    const inner = temporaryName().replace(`-${process.pid}-`, `-${dead}-`);
    mkdirSync(join(folder, inner));
    await writeBytes(path, NEW);
    expect(readdirSync(folder).sort()).toEqual([...names, inner, 'model'].sort());
  });

  it('has a name that is short enough for file systems', () => expect(temporaryName().length).toBeLessThan(128));
});

it('a reader that has the file open keeps the old bytes', async () => {
  writeFileSync(path, 'old');
  const descriptor = openSync(path, 'r');
  await writeBytes(path, NEW);
  expect(readFileSync(descriptor, 'utf8')).toBe('old');
  closeSync(descriptor);
});
