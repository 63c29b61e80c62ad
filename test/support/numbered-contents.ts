/** What is saved under each number: of another length and of other bytes than before, from 1 to 3 MB. */
export function contents(number: number): Uint8Array {
  const bytes = new Uint8Array(1e6 + ((number * 7919) % 2000) * 1000).fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}
