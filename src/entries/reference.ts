/** `chainrule/reference`: plain TypeScript in float64, everywhere and with nothing to load. */
import { referenceBackend } from '../backends/reference.ts';
import { extendPlatform } from '../platform/platform.ts';

extendPlatform({ loadReference: () => referenceBackend });

export * from '../index.ts';
