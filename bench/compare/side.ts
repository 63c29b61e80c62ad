/** The sides of a comparison: chainrule in this process, peers in processes of their own, which wait while another side runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a side says of the network that it was given. */
export interface Introduction {
  /** Its name and version. */
  readonly peer: string;
  /** Which of several ways it took. */
  readonly how?: string;
  /** How many numbers the network stores: parameters and running statistics. */
  readonly numbers: number;
  /** The losses of the first steps, or what the network predicts for the first row. */
  readonly values: readonly number[];
  /** Why it cannot do what it was asked to; nothing else is then true of it. */
  readonly cannot?: string;
}

export interface Side {
  readonly introduction: Introduction;
  /** The seconds of a step, measured for so long. */
  measure(seconds: number): Promise<number>;
  end(): void;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
}

/** A script that introduces itself in a line of JSON, and answers every line, which says how long to measure, with another. */
export class PeerProcess implements Side {
  readonly introduction: Introduction;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<unknown>;

  private constructor(process: ChildProcess, lines: AsyncIterator<unknown>, introduction: Introduction) {
    this.#process = process;
    this.#lines = lines;
    this.introduction = introduction;
  }

  /** @throws Error with what the script complained of, where it ends before it has introduced itself. */
  static async start({ program, args, folder }: Command): Promise<PeerProcess> {
    const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = answers(child, `${program} ${args.join(' ')}`);
    return new PeerProcess(child, lines, (await nextOf(lines)) as Introduction);
  }

  async measure(seconds: number): Promise<number> {
    this.#process.stdin?.write(`${seconds}\n`);
    return ((await nextOf(this.#lines)) as { seconds: number }).seconds;
  }

  end(): void {
    this.#process.stdin?.end();
  }
}

async function nextOf(lines: AsyncIterator<unknown>): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done) throw new Error('expected an answer of a peer, got the end of its output');
  return value;
}

/** What a process prints as JSON; frameworks print other lines too. Throws where it fails: warnings of one that succeeds are left out. */
async function* answers(child: ChildProcess, name: string): AsyncGenerator<unknown> {
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints += text;
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('close', (status, signal) => resolve(status === 0 ? undefined : `${signal ?? `exit status ${status}`}`));
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.startsWith('{')) yield JSON.parse(line);
  }
  const failure = await ended;
  if (failure !== undefined) throw new Error(`${name}: ${failure}\n${complaints}`);
}
