/** What a comparison found, as Markdown. */
import { cpus, loadavg } from 'node:os';
import { median, round } from '../report.ts';
import type { Introduction } from './side.ts';

/** A side's figures for a row: the medians of its scripts' rounds, and what the fastest of them says of itself. */
export interface Cell {
  readonly introduction: Introduction;
  /** Of a step. */
  readonly seconds: number;
}

export interface Found {
  readonly name: string;
  readonly description: string;
  /** By column, chainrule's first; a text says why there is no figure. */
  readonly cells: ReadonlyMap<string, Cell | string>;
}

export const OWN = 'chainrule';

/** The figures of one script, of which the median counts. */
export const cellOf = (introduction: Introduction, rounds: readonly number[]): Cell => ({ introduction, seconds: median(rounds) });

/** Milliseconds, and how many times chainrule's they are. */
function textOf(cell: Cell | string | undefined, own: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return '—';
  const milliseconds = String(round(1000 * cell.seconds, 2));
  return cell === own ? milliseconds : `${milliseconds} (${(cell.seconds / own.seconds).toFixed(2)} ×)`;
}

/** A row of the table for each row found, a column for each side that any row has. */
export function formatComparison(found: readonly Found[]): string {
  const columns = [...new Set(found.flatMap(({ cells }) => [...cells.keys()]))];
  const lines = found.map(({ name, cells }) => {
    const own = cells.get(OWN) as Cell;
    return [name, ...columns.map((column) => textOf(cells.get(column), own))];
  });
  const table = [['ms (× chainrule’s)', ...columns], ['---', ...columns.map(() => '---:')], ...lines];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What each row is, which way each peer took, and what could not be measured. */
export function formatNotes(found: readonly Found[]): string {
  return found
    .map(({ name, description, cells }) => {
      const ways = [...cells].flatMap(([column, cell]) => {
        if (typeof cell === 'string') return [`${column}: ${cell}`];
        return cell.introduction.how === undefined ? [] : [`${column}: ${cell.introduction.how}`];
      });
      return `- ${name}: ${[description, ...ways].join('; ')}`;
    })
    .join('\n');
}

/** The machine, the versions of all sides, and what else it was busy with when the comparison began. */
export function formatSitting(found: readonly Found[], rounds: number, seconds: number, load: number): string {
  const peers = new Set(
    found.flatMap(({ cells }) => [...cells.values()].flatMap((cell) => (typeof cell === 'string' ? [] : [cell.introduction.peer]))),
  );
  const [{ model }] = cpus();
  const sitting = `${cpus().length} × ${model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}; medians of ${rounds} rounds of ${seconds} s, all sides in turn; load average before ${load.toFixed(2)}`;
  return [sitting, ...peers].join('\n');
}

/** Processes that ran or waited in the last minute. */
export const loadBefore = (): number => loadavg()[0];
