/** What is found out of a file once, for all passes over it. */

/** Finds it when it is first asked for. Where that fails, the next one who asks has it looked for again. */
export function remembered<T>(find: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= find().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
