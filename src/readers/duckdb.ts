/** What is used of DuckDB's client: a query whose result comes in chunks of columns. */
import { availableParallelism } from 'node:os';
import { DataError, messageOf } from '../errors.ts';
import { loadPeer } from './peer.ts';

const PACKAGE = '@duckdb/node-api';

/** Values of one column of a chunk. */
interface Vector {
  /** The memory of columns of numbers. */
  readonly items?: unknown;
  getItem(row: number): unknown;
}

export interface DuckChunk {
  readonly rowCount: number;
  getColumnVector(column: number): Vector;
}

interface Result {
  fetchChunk(): Promise<DuckChunk | null>;
}

interface Connection {
  stream(sql: string): Promise<Result>;
  closeSync(): void;
}

interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

interface Client {
  readonly DuckDBInstance: { create(path?: string, options?: Readonly<Record<string, string>>): Promise<Instance> };
}

/** A database opened to be read, closed with the last of its chunks. */
export class DuckQuery {
  readonly #where: string;
  readonly #instance: Instance;
  readonly #connection: Connection;

  private constructor(where: string, instance: Instance, connection: Connection) {
    this.#where = where;
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * @param database The path of a database's file, opened to be read alone; a new one in memory without.
   * @param threads Default: one fewer than there are processors, at least one. The last one trains, and each thread holds rows in memory.
   * @throws OptionError where the client is not installed, DataError where the file is no database.
   */
  static async open(where: string, database: string | undefined, threads = Math.max(1, availableParallelism() - 1)): Promise<DuckQuery> {
    const { DuckDBInstance } = await loadPeer<Client>(where, PACKAGE);
    const settings = { threads: String(threads), ...(database !== undefined && { access_mode: 'READ_ONLY' }) };
    const instance = await refusing(`${where}: expected a database of DuckDB`, () =>
      DuckDBInstance.create(database ?? ':memory:', settings),
    );
    return new DuckQuery(where, instance, await instance.connect());
  }

  /** The chunks of a query's result; DuckDB makes the next one while one is in use. Throws DataError for what DuckDB refuses. */
  async *chunks(sql: string): AsyncGenerator<DuckChunk, void, undefined> {
    const run = <T>(work: () => Promise<T>) => refusing(`${this.#where}: expected a query that DuckDB answers`, work);
    const result = await run(() => this.#connection.stream(sql));
    let coming = run(() => result.fetchChunk());
    try {
      for (let chunk = await coming; chunk !== null && chunk.rowCount > 0; chunk = await coming) {
        coming = run(() => result.fetchChunk());
        // What is wrong is said when the chunk is asked for.
        coming.catch(() => undefined);
        yield chunk;
      }
    } finally {
      // The database is closed behind it.
      await coming.catch(() => undefined);
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

async function refusing<T>(expected: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DataError(`${expected}, got: ${messageOf(error)}`, { cause: error });
  }
}
