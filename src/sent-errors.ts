/** Errors on their way between threads: a copy that a message makes loses its class. */
import { BackendError, DataError, FormatError, messageOf, OptionError, ShapeError, StateError } from './errors.ts';

export interface SentError {
  readonly name: string;
  readonly message: string;
}

const CLASSES = { BackendError, DataError, FormatError, OptionError, RangeError, ShapeError, StateError };

export const sentError = (error: unknown): SentError => ({
  name: error instanceof Error ? error.name : 'Error',
  message: messageOf(error),
});

/** An error of the class that was thrown; what is none of chainrule's on purpose becomes a BackendError. */
export function receivedError({ name, message }: SentError): Error {
  if (Object.hasOwn(CLASSES, name)) return new CLASSES[name as keyof typeof CLASSES](message);
  return new BackendError(`worker: ${name}: ${message}`);
}
