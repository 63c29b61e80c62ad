/** `numbers`: numbers as they are. */
import { readOptions } from '../options/table.ts';
import { type Encoding, makerOf } from './encoding.ts';

export const NUMBERS = makerOf<'numbers', object>({
  type: 'numbers',
  options: (where, given) => readOptions(where, {}, given),
  takes: 'numbers',
  encoder: () => ({
    width: 1,
    encode: (value, to, at) => {
      to[at] = value;
    },
    decode: (number) => number,
  }),
});

/** Numbers as they are, true as 1 and false as 0. Among targets: numbers that predictions are compared with as they are. */
export const numbers = (): Encoding<'numbers'> => NUMBERS({});
