/**
 * Types of globals that are missing from some programs' `lib`, without DOM types and without Node's. Where it has one, these are the same
 * types.
 */

/** The type of instances of a global class, where the program knows that class. */
type Instance<Holder, Name extends string, Otherwise> = Holder extends Record<Name, { prototype: infer Known }> ? Known : Otherwise;

type Globals = typeof globalThis;
type WebAssemblyNamespace = Globals extends { WebAssembly: infer Known } ? Known : unknown;

export type GlobalAbortSignal = Instance<Globals, 'AbortSignal', { readonly aborted: boolean }>;
export type GlobalModule = Instance<WebAssemblyNamespace, 'Module', object>;
export type GlobalMemory = Instance<WebAssemblyNamespace, 'Memory', { readonly buffer: ArrayBufferLike }>;
