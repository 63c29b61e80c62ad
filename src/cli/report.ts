/** Figures in words. */
import type { BackendReport, Evaluation } from '../index.node.ts';

/** `backend native (avx512, 2 threads): …`, with the reason it was chosen. */
export function formatBackend({ name, isa, threads, reason }: BackendReport): string {
  return `backend ${name} (${isa}, ${threads} ${threads === 1 ? 'thread' : 'threads'}): ${reason}`;
}

/** Accuracy only where there is one: targets that are values have none. */
export function formatEvaluation({ loss, accuracy }: Evaluation): string {
  return accuracy === undefined ? `test loss ${loss.toFixed(4)}` : `test accuracy ${percent(accuracy)} (loss ${loss.toFixed(4)})`;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
