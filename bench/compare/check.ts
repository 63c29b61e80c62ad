/** That two sides have the same network. */
import type { Introduction } from './side.ts';

/** What rounding may come to in the losses of first steps, of which one begins with the weights that another left. */
const TOLERANCE = 5e-3;

/** Throws unless the peer stores as many numbers and found the same values: losses of first steps, or a prediction. */
export function checkSame(own: Introduction, peer: Introduction): void {
  const { numbers, values } = peer;
  if (numbers !== own.numbers) throw new Error(`${peer.peer}: expected a network of ${own.numbers} numbers, got ${numbers}`);
  const largest = Math.max(...own.values.map(Math.abs));
  const isSame = own.values.length === values.length && own.values.every((value, i) => Math.abs(value - values[i]) <= TOLERANCE * largest);
  if (!isSame) throw new Error(`${peer.peer}: expected the values ${own.values.join(', ')}, got ${values.join(', ')}`);
}
