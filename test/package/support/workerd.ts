/** Runs Worker scripts in workerd, the runtime of Cloudflare Workers. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { binary, run } from './runtimes.ts';

const KERNELS = ['simd', 'relaxed'].map((variant) => `chainrule/wasm/chainrule.${variant}.wasm`);

/** One Worker of the script and the kernels, which workerd compiles itself. */
function configuration(name: string, compatibilityDate: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);

const worker :Workerd.Worker = (
  modules = [
    (name = "${name}.js", esModule = embed "${name}.bundle.js"),
    ${KERNELS.map((kernels) => `(name = "${kernels}", wasm = embed "node_modules/${kernels}")`).join(',\n    ')}
  ],
  compatibilityDate = "${compatibilityDate}"
);
`;
}

/** Bundles `name`.js of the app as Wrangler does, and gives back what the Worker answers. */
export async function answerOfWorker(app: string, name: string, compatibilityDate: string): Promise<unknown> {
  const conditions = '--conditions=workerd,worker,browser';
  run(app, binary('esbuild'), [
    `${name}.js`,
    '--bundle',
    '--format=esm',
    conditions,
    '--external:*.wasm',
    `--outfile=${name}.bundle.js`,
    '--allow-overwrite',
  ]);
  const file = join(app, `${name}-${compatibilityDate}.capnp`);
  writeFileSync(file, configuration(name, compatibilityDate));
  const server = spawn(binary('workerd'), ['serve', '--control-fd=3', file], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  try {
    const port = await portFrom(server.stdio[3] as Readable);
    return await (await fetch(`http://127.0.0.1:${port}/`)).json();
  } finally {
    server.kill();
  }
}

/** workerd writes a line of JSON when a socket listens. */
async function portFrom(control: Readable): Promise<number> {
  for await (const chunk of control) {
    const [, port] = /"port":\s*(\d+)/.exec(String(chunk)) ?? [];
    if (port) return Number(port);
  }
  throw new Error('workerd ended before it listened');
}
