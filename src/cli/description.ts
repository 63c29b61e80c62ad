/** `model.json`: a network, the data it is for and how to train it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataError, type FitOptions, FormatError, type Layer, layerFromConfig, type NetworkOptions } from '../index.node.ts';
import { DIGITS } from './data.ts';
import { optimizerOfType } from './defaults.ts';

/** The content of the file. Its values reach the library unchanged, which checks them like any caller's. */
export interface Description {
  readonly input: NetworkOptions['input'];
  readonly layers: readonly Layer[];
  readonly loss: NetworkOptions['loss'];
  /** `digits`, or a folder: relative to the file. */
  readonly data: string;
  readonly fit: FitOptions;
}

const REQUIRED = ['input', 'layers', 'loss', 'data'];
const OPTIONAL = ['fit'];
/** The options of `fit` that are data. The command itself decides what training shows and validates on. */
const FIT = ['epochs', 'batchSize', 'optimizer', 'schedule', 'groups', 'accumulate', 'earlyStopping', 'shuffle', 'clip', 'ema'];

/**
 * Reads `{ "input": [64], "layers": [{ "type": "dense", "units": 10 }], "loss": "softmaxCrossEntropy", "data": "digits", "fit": {…} }`.
 * README.md has the keys.
 *
 * @throws DataError for a missing file, FormatError where it is not JSON or lacks something, OptionError for a layer or an optimiser that
 *   is not one.
 */
export function readDescription(path: string): Description {
  const json = parse(path, readText(path));
  const { input, layers, loss, data, fit = {} } = json;
  const missing = REQUIRED.find((key) => !Object.hasOwn(json, key));
  if (missing) throw new FormatError(`${path}: expected the keys ${REQUIRED.join(', ')}, got no ${missing}`);
  checkKeys(path, json, [...REQUIRED, ...OPTIONAL]);
  if (!Array.isArray(layers)) throw new FormatError(`${path}: expected layers to be a list, got ${JSON.stringify(layers)}`);
  if (typeof data !== 'string') throw new FormatError(`${path}: expected data to be "${DIGITS}" or a folder, got ${JSON.stringify(data)}`);
  if (!isObject(fit)) throw new FormatError(`${path}: expected fit to be an object, got ${JSON.stringify(fit)}`);
  checkKeys(`${path}: fit`, fit, FIT);
  return {
    input: input as Description['input'],
    layers: layers.map((layer) => layerFromConfig(layer)),
    loss: loss as Description['loss'],
    data: data === DIGITS ? DIGITS : resolve(dirname(path), data),
    fit: typeof fit.optimizer === 'string' ? { ...fit, optimizer: optimizerOfType(fit.optimizer) } : fit,
  };
}

function checkKeys(where: string, json: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(json).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new FormatError(`${where}: expected the keys ${known.join(', ')}, got ${unknown}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DataError(`expected a model description at ${path}, got: ${(error as Error).message}`);
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${path}: expected JSON, got: ${(error as Error).message}`);
  }
  if (!isObject(json)) throw new FormatError(`${path}: expected an object, got ${text.trim().slice(0, 60)}`);
  return json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
