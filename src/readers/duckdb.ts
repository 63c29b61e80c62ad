/** What is used of DuckDB's client: a query whose result comes in chunks of columns. */
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
   * @throws OptionError where the client is not installed, DataError where the file is no database.
   */
  static async open(where: string, database: string | undefined): Promise<DuckQuery> {
    const { DuckDBInstance } = await loadPeer<Client>(where, PACKAGE);
    const instance = await refusing(`${where}: expected a database of DuckDB`, () =>
      database === undefined ? DuckDBInstance.create(':memory:') : DuckDBInstance.create(database, { access_mode: 'READ_ONLY' }),
    );
    return new DuckQuery(where, instance, await instance.connect());
  }

  /** The chunks of a query's result, as they are asked for. Throws DataError for what DuckDB refuses. */
  async *chunks(sql: string): AsyncGenerator<DuckChunk, void, undefined> {
    const run = <T>(work: () => Promise<T>) => refusing(`${this.#where}: expected a query that DuckDB answers`, work);
    const result = await run(() => this.#connection.stream(sql));
    for (;;) {
      const chunk = await run(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
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
