/** A file of TensorBoard's events: records of a length, its checksum, the bytes, and their checksum. */
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';
import { versionEvent } from './event-messages.ts';
import { LogFile } from './log-file.ts';
import type { Field } from './protobuf.ts';

/** Files of this process, so that two of one millisecond have two names. */
let files = 0;

export class EventFile {
  readonly #file: LogFile;

  /** Opens a new file in a folder. TensorBoard reads files in the order of their names, and only those with `tfevents` in them. */
  constructor(where: string, folder: string) {
    const [seconds, milliseconds] = (Date.now() / 1000).toFixed(3).split('.');
    const number = String(files++).padStart(6, '0');
    this.#file = new LogFile(
      where,
      join(folder, `events.out.tfevents.${seconds.padStart(10, '0')}.${milliseconds}.${number}.${process.pid}`),
      false,
    );
    this.write(versionEvent());
  }

  write(event: readonly Field[]): void {
    this.#file.write(recordOf(Buffer.concat(event)));
  }

  finish(): void {
    this.#file.finish();
  }
}

function recordOf(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, checksum(length), bytes, checksum(bytes)]);
}

function checksum(bytes: Uint8Array): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(maskedCrc32c(bytes));
  return crc;
}
