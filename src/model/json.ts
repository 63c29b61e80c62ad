/** A network in JSON. */
import { FormatError } from '../errors.ts';

/**
 * Throws FormatError: JSON has no form for a network. An own property of it, since that is a function `structuredClone` and `postMessage`
 * refuse the network too, of whose private fields they would make an empty object; their error shows the text below.
 */
export function refuseJSON(): never {
  throw new FormatError(
    'JSON: expected something that it has a form for, got a network; toBytes() and save() write one, parameters() its weights',
  );
}
