/** Protocol buffers' wire format, as far as TensorBoard's messages need it. A field is its bytes; a message is its fields, one after the other. */

export type Field = Uint8Array;

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/** The field of an integer from 0 to 2⁵³. */
export const integer = (field: number, value: number): Field => Buffer.concat([key(field, VARINT), varint(value)]);

export function double(field: number, value: number): Field {
  return Buffer.concat([key(field, EIGHT_BYTES), doubles([value])]);
}

export function float(field: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FOUR_BYTES), bytes]);
}

export const bytes = (field: number, value: Uint8Array): Field => Buffer.concat([key(field, LENGTH), varint(value.length), value]);

export const text = (field: number, value: string): Field => bytes(field, Buffer.from(value));

export const message = (field: number, ...fields: readonly Field[]): Field => bytes(field, Buffer.concat(fields));

/** A list of doubles, packed. */
export const packedDoubles = (field: number, values: readonly number[]): Field => bytes(field, doubles(values));

/** An entry of a map from text to messages. */
export const entry = (field: number, name: string, ...value: readonly Field[]): Field =>
  message(field, text(1, name), message(2, ...value));

const key = (field: number, type: number) => varint(8 * field + type);

function doubles(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => {
    buffer.writeDoubleLE(value, 8 * i);
  });
  return buffer;
}

/** Seven bits a byte, the lowest first. Divisions: bit operations are of 32 bits. */
function varint(value: number): Buffer {
  const parts: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) parts.push((rest % 128) + 128);
  return Buffer.from([...parts, rest]);
}
