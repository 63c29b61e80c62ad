/** Datasets made of plans, in the thread that reads them. */
import { type HasSource, SOURCE, type Source } from '../../datasets/source.ts';
import { csv } from '../csv.ts';
import { jsonLines } from '../json-lines.ts';
import { parquet, sql } from '../sql.ts';
import type { ReaderPlan } from './messages.ts';

const READERS: { readonly [Reader in ReaderPlan['reader']]: (input: string, options: object) => HasSource } = {
  csv,
  jsonLines,
  parquet,
  sql,
};

/** The source of the same rows, read in this thread. */
export const sourceOfPlan = ({ reader, input, options }: ReaderPlan): Source =>
  READERS[reader](input, { ...options, worker: false })[SOURCE];
