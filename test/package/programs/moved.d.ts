import type * as chainrule from 'chainrule';
import type { BackendOption } from 'chainrule';

/** A checkpoint, and what ran the epochs that led to it. */
export interface Moved {
  readonly name: string;
  readonly isa: string;
  readonly bytes: readonly number[];
}

export function trainOn(api: typeof chainrule, epochs: number, checkpoint?: Uint8Array, backend?: BackendOption): Promise<Moved>;
