export interface Figure {
  readonly network: string;
  readonly call: string;
  /** Milliseconds. */
  readonly longest: number;
  readonly total: number;
}

export function measureAll(
  chainrule: object,
  backend: string,
  threads: number | undefined,
  repeats?: number,
  worker?: boolean,
): Promise<Figure[]>;
