/**
 * Reads TensorBoard's files of events, apart from what writes them: checks both checksums of each record by long division of polynomials, and
 * takes messages apart by the wire format alone.
 */
import { readFileSync } from 'node:fs';

/** A field of a message: an integer, eight or four bytes, or bytes that may be a message. */
type Value = bigint | Uint8Array;
export type Message = ReadonlyMap<number, readonly Value[]>;

export function eventsOf(path: string): Message[] {
  const file = readFileSync(path);
  const events: Message[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (data.length !== length) throw new Error(`a record of ${length} bytes is cut off at ${at}`);
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    check(data, file.readUInt32LE(at + 12 + length));
    events.push(messageOf(data));
    at += 16 + length;
  }
  return events;
}

function check(bytes: Uint8Array, found: number): void {
  const rotated = (BigInt(found) - 0xa282ead8n) & 0xffffffffn;
  const crc = ((rotated << 15n) | (rotated >> 17n)) & 0xffffffffn;
  if (crc !== remainder(bytes)) throw new Error(`expected the checksum ${remainder(bytes)}, got ${crc}`);
}

/** CRC-32C, bit by bit from the highest: the polynomial is x³² + x²⁸ + … as the standard (RFC 3720) writes it, bytes and result are reflected. */
function remainder(bytes: Uint8Array): bigint {
  let register = 0xffffffff;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const out = (register >>> 31) ^ ((byte >> bit) & 1);
      register = (register << 1) ^ (out ? 0x1edc6f41 : 0);
    }
  let reflected = 0n;
  for (let bit = 0; bit < 32; bit++) if (!((register >>> bit) & 1)) reflected |= 1n << BigInt(31 - bit);
  return reflected;
}

export function messageOf(bytes: Uint8Array): Message {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a varint is cut off');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error('a field is cut off');
    at += length;
    return bytes.slice(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const read: Record<number, () => Value> = { 0: varint, 1: () => take(8), 2: () => take(Number(varint())), 5: () => take(4) };
    const value = read[key & 7];
    if (!value) throw new Error(`expected a wire type that messages have, got ${key & 7}`);
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value()]);
  }
  return fields;
}

export const messages = (message: Message | undefined, field: number): Message[] =>
  (message?.get(field) ?? []).map((value) => messageOf(value as Uint8Array));
export const text = (message: Message | undefined, field: number): string | undefined => {
  const value = message?.get(field)?.[0] as Uint8Array | undefined;
  return value && Buffer.from(value).toString();
};
export const integer = (message: Message | undefined, field: number): number => Number(message?.get(field)?.[0] ?? 0n);
export const doubles = (message: Message | undefined, field: number): number[] =>
  (message?.get(field) ?? []).flatMap((value) => {
    const bytes = Buffer.from(value as Uint8Array);
    return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
  });
export const float = (message: Message, field: number): number => Buffer.from(message.get(field)?.[0] as Uint8Array).readFloatLE();
