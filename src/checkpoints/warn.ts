/** Warnings of the process: Node prints them, and `process.on('warning')` hears them. */
export const warn = (message: string): void => process.emitWarning(message, 'ChainruleWarning');
