/** The activations by name: those of an element, then those of a row. */
import { ACTIVATIONS } from './functions.ts';
import { REDUCTIONS } from './reductions.ts';
import type { ActivationFacts, OpSpec } from './spec.ts';

/** `identity` is no op. */
const FACTS: ReadonlyMap<string, ActivationFacts> = new Map([
  ...ACTIVATIONS.map(({ name, activation }) => [name, activation] as const),
  ...(REDUCTIONS as readonly OpSpec[]).flatMap(({ name, activation }) => (activation ? [[name, activation] as const] : [])),
]);

export const ACTIVATION_NAMES: readonly string[] = [...FACTS.keys()];

/** The properties of an activation. */
export function activationFacts(name: string): ActivationFacts {
  const facts = FACTS.get(name);
  if (!facts) throw new RangeError(`no activation is called ${name}`);
  return facts;
}
