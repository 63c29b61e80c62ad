/** Files that this process holds open; nothing where the machine does not tell. */
import { readdirSync, readlinkSync } from 'node:fs';

export function openFiles(path: string): number {
  try {
    return readdirSync('/proc/self/fd').filter((name) => linkOf(name) === path).length;
  } catch {
    return 0;
  }
}

function linkOf(name: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return '';
  }
}
