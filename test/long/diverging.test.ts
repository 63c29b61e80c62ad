/** Six networks by six optimisers by four rates on every backend: none of the divergences costs the model. */
import { afterAll, describe, expect, it } from 'vitest';
import { NETWORKS, OPTIMIZERS, type Outcome, RATES, survives } from '../support/diverging.ts';
import { BACKEND_NAMES } from '../support/networks.ts';

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const outcomes: Record<Outcome, number> = { diverged: 0, refused: 0, ended: 0 };
  const cases = Object.keys(NETWORKS).flatMap((network) =>
    Object.keys(OPTIMIZERS).flatMap((optimizer) => RATES.map((rate) => [network, optimizer, rate] as const)),
  );

  it.each(cases)('%s by %s at %d', async (network, optimizer, rate) => {
    outcomes[await survives(backend, NETWORKS[network](), OPTIMIZERS[optimizer], rate)]++;
  });

  afterAll(() => {
    console.log(`${backend}: ${JSON.stringify(outcomes)}`);
    expect(outcomes.diverged + outcomes.refused).toBeGreaterThan(cases.length / 3);
  });
});
