/** What an encoding of numbers learns of lists: a figure for each element, or one for all. */
import { oneOf, type TableOf, withDefault } from '../options/table.ts';

export interface OverOptions {
  /**
   * In a column of lists: 'elements' learns of each element by itself, 'lists' of all elements together, as for the points of an image or a signal.
   * Default 'elements'.
   */
  readonly over?: 'elements' | 'lists';
}

export const OVER = { over: withDefault(oneOf(['elements', 'lists'] as const), 'elements') } satisfies TableOf<OverOptions>;

export const isOverLists = ({ over }: OverOptions): boolean => over === 'lists';
