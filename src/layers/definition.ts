/** The definition of a type of layers for model files: its name, and how a config makes a layer. */
import { checkKeys } from '../options.ts';
import type { AnyLayer, Layer, LayerConfig } from './layer.ts';

/** Makes a layer from its options as a config has them: everything but type, name and trainable. */
export type LayerMaker = (options: Record<string, unknown>) => AnyLayer;

export interface LayerDefinition {
  /** Its name in configs. */
  readonly type: string;
  /** As a LayerMaker; `layerOf` makes a layer that lies within it. */
  make(options: Record<string, unknown>, layerOf: (config: LayerConfig) => Layer): AnyLayer;
}

/**
 * The definition of a layer that a function makes of some arguments, which its config holds under these names, and of its options. The
 * function checks them all.
 */
export function definedBy(type: string, make: (...given: never[]) => AnyLayer, ...names: readonly string[]): LayerDefinition {
  return {
    type,
    make: (config) => {
      const { arguments_, options } = apart(config, names);
      return make(...(arguments_ as never[]), options as never);
    },
  };
}

/** The same of a layer that has no options besides its arguments. */
export function definedByArguments(type: string, make: (...given: never[]) => AnyLayer, ...names: readonly string[]): LayerDefinition {
  return {
    type,
    make: (config) => {
      const { arguments_, options } = apart(config, names);
      checkKeys(type, options, []);
      return make(...(arguments_ as never[]));
    },
  };
}

function apart(config: Readonly<Record<string, unknown>>, names: readonly string[]) {
  const options = { ...config };
  for (const name of names) delete options[name];
  return { arguments_: names.map((name) => config[name]), options };
}
