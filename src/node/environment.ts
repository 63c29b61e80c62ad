/** Environment variables. */

/** Deno throws where a program may not read its environment: then nothing is set. */
export function environment(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
