/** Optional peer dependencies: packages that a program installs where it uses what needs them. */
import { messageOf, OptionError } from '../errors.ts';

/**
 * The exports of a package.
 *
 * @param where The function that needs it.
 * @throws OptionError that says what to install where it is missing, or cannot be loaded on this machine.
 */
export async function loadPeer<T>(
  where: string,
  name: string,
  load = (specifier: string): Promise<unknown> => import(specifier),
): Promise<T> {
  try {
    return (await load(name)) as T;
  } catch (cause) {
    const message = `${where}: expected the package ${name}, which it reads with: npm install ${name}`;
    throw new OptionError(isMissing(cause, name) ? message : `${message}; loading it failed: ${messageOf(cause)}`, { cause });
  }
}

const isMissing = (error: unknown, name: string) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
