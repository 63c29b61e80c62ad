/**
 * Imported for its effect: kernels for 64-bit ARM, NEON's or those that EMULATED_ISA names, are this process's native backend. Build the
 * driver before the backend is asked for.
 */
import 'chainrule';
import { nativeBackend } from '../../src/backends/native.ts';
import { extendPlatform } from '../../src/platform/platform.ts';
import { Driver, driverAddon } from './driver.ts';

extendPlatform({ loadNative: () => nativeBackend(driverAddon(new Driver('arm64', process.env.EMULATED_ISA ?? 'neon'))) });
