import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { encodeModel } from '../../src/formats/model.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { type Tensor, tensor } from '../../src/tensor.ts';
import { decodeModel } from '../support/whole-files.ts';

const config = { input: [2], layers: [{ type: 'dense', units: 1 }], loss: 'halfSquaredError', seed: 7 };
const tensors = new Map<string, Tensor>([
  ['0.weight', tensor([0.5, -0.5], [1, 2])],
  ['0.bias', tensor([0.25], [1])],
]);

const withMetadata = (chainrule: string) => encodeSafetensors(tensors, { chainrule });

describe('model file', () => {
  it('gives back the configuration and the tensors', () => {
    const decoded = decodeModel(encodeModel({ config, tensors }));
    expect(decoded.config).toEqual(config);
    expect(decoded.tensors).toEqual(tensors);
  });

  it.each([
    ['a safetensors file of someone else', encodeSafetensors(tensors, { format: 'pt' }), /metadata entry "chainrule"/],
    ['a version to come', withMetadata('{"version":2}'), /expected version 1, got 2/],
    ['no version', withMetadata('{}'), /expected version 1, got undefined/],
    ['a configuration that is not JSON', withMetadata('{'), /as JSON/],
    ['a configuration that is a list', withMetadata('[1]'), /an object, got \[1\]/],
    ['a configuration that is null', withMetadata('null'), /an object, got null/],
    ['a configuration with a prototype', withMetadata('{"version":1,"layers":[{"__proto__":{}}]}'), /__proto__/],
    ['a configuration nested a million deep', withMetadata('['.repeat(1e6) + ']'.repeat(1e6)), /nested at most 64 deep/],
    ['a configuration of 5 MB', withMetadata(`"${'x'.repeat(5e6)}"`), /at most 4194304 characters/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(FormatError);
    expect(() => decodeModel(bytes)).toThrow(message);
  });
});
