import type * as chainrule from 'chainrule';
import type { BackendOption } from 'chainrule';
import type { Trained } from '../support/results.ts';

export function train(api: typeof chainrule, backend?: BackendOption): Promise<Trained>;
