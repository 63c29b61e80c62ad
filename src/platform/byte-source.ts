/** Bytes that are read a piece at a time: those of a file or of an array. */
export interface ByteSource {
  readonly length: number;
  /** The bytes from `start` to `end`, both within the length; to be used before the next call. */
  read(start: number, end: number): Uint8Array | Promise<Uint8Array>;
  /** To be called once nothing more is read. */
  close(): Promise<void>;
}

/** The bytes of an array, which are read where they lie. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (start, end) => bytes.subarray(start, end), close: async () => undefined };
}
