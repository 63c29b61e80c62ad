/** `chainrule/train` in Cloudflare Workers and edge functions. */
import './imported-kernels.ts';

export * from '../train/exports.ts';
