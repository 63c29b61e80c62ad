/** The settings of training steps, as their program needs them. */
import { checkRange, type Numeric } from '../data/finite-numbers.ts';
import type { StepSettings } from '../model/graphs.ts';
import type { Weights } from '../model/weights.ts';
import type { FitSettings } from './fit-settings.ts';

/** Throws OptionError for settings of an update that the backend's numbers cannot hold. */
export function checkRanges(
  where: string,
  { optimizer, clip, groups }: Pick<FitSettings, 'optimizer' | 'clip'> & Partial<Pick<FitSettings, 'groups'>>,
  numeric: Numeric,
): void {
  const { type, ...options } = optimizer;
  const settings = [
    [type, options] as const,
    [`${where}.clip`, clip] as const,
    ...(groups?.list ?? []).map((group) => [`${where}.groups`, group] as const),
  ];
  for (const [name, values] of settings)
    for (const [key, value] of Object.entries(values ?? {})) if (typeof value === 'number') checkRange(`${name}.${key}`, value, numeric);
}

/** Group i of the settings is the step's group i + 1. Parameters that no group names are in group 0. */
export function stepSettings(
  where: string,
  { optimizer, ema, clip, groups: given, accumulate }: Pick<FitSettings, 'optimizer' | 'ema' | 'clip' | 'groups' | 'accumulate'>,
  weights: Weights,
): StepSettings {
  const groups = new Map<string, { index: number; weightDecay?: number }>();
  given?.list.forEach((group, i) => {
    const { weightDecay } = group;
    for (const name of given.match(`${where}.groups.parameters`, group, weights.shapes.keys())) {
      if (!groups.has(name)) groups.set(name, { index: i + 1, ...(weightDecay !== undefined && { weightDecay }) });
    }
  });
  return {
    optimizer,
    clip,
    ...(ema !== undefined && { ema }),
    frozen: new Set(weights.frozen),
    accumulates: accumulate > 1,
    ...(given && { groups }),
  };
}
