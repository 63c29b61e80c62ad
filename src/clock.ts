/** The clock of training time. Shuffling, dropout, schedules and resuming count by it. */

export interface Clock {
  /** Epochs before this one. */
  readonly epoch: number;
  /** Mini-batches of this epoch before the next one. */
  readonly batch: number;
}

/** The progress of training, over all fits that continue one another. */
export interface Progress extends Clock {
  /** Optimiser steps taken. */
  readonly step: number;
}

export const BEGINNING: Progress = { epoch: 0, batch: 0, step: 0 };

/** The time `count` mini-batches later, where an epoch has `batches` of them; 0: there are no epochs to end. */
export function later({ epoch, batch }: Clock, count: number, batches: number): Clock {
  const total = batch + count;
  const epochs = batches === 0 ? 0 : Math.floor(total / batches);
  return { epoch: epoch + epochs, batch: total - epochs * batches };
}
