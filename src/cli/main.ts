#!/usr/bin/env node
/** The command line: options and errors. The commands themselves are in the files beside this one. */
import { createRequire } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ChainruleError, Network, type NetworkOptions } from '../index.node.ts';
import { loadData } from './data.ts';
import type { TrainFlags } from './job.ts';
import { formatBackend, formatEvaluation } from './report.ts';
import { train } from './train.ts';

const BACKENDS = ['auto', 'native', 'wasm', 'reference'];
const OPTIMIZERS = ['sgd', 'adagrad', 'rmsprop', 'adam', 'adamw'];

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const backendOption = () => new Option('--backend <name>', 'what runs the network; default auto, the fastest that loads').choices(BACKENDS);

const program = new Command('chainrule')
  .description('Trains neural networks by backpropagation.')
  .version(version)
  .showSuggestionAfterError(false);

program
  .command('train')
  .description('train on the digits that come with the package, an MNIST-format folder, or as a model.json says')
  .argument('[source]', 'digits, a folder, or the path of a .json file', 'digits')
  .option('--epochs <number>', 'passes over the data', positiveInteger)
  .option('--batch-size <number>', 'samples of a mini-batch', positiveInteger)
  .option('--learning-rate <number>', 'the step size of the optimiser', positiveNumber)
  .addOption(new Option('--optimizer <name>', 'default adam').choices(OPTIMIZERS))
  .option('--hidden <sizes>', 'hidden layers, as in 50,20', layerSizes)
  .option('--seed <number>', 'decides initial weights and shuffling; default 0', integerFromZero)
  .addOption(backendOption())
  .option('--out <file>', 'where to save the trained model')
  .option('--diagnose', 'measure the step after the last: gradients, updates and dead units of every layer')
  .action(async (source: string, flags: TrainFlags) => {
    process.exitCode = await train(source, flags, process.stdout);
  });

program
  .command('evaluate')
  .description('the test accuracy of a saved model')
  .argument('<model>', 'a model file')
  .argument('<data>', 'digits or an MNIST-format folder')
  .addOption(backendOption())
  .action(async (model: string, data: string, { backend }: Pick<NetworkOptions, 'backend'>) => {
    const network = await Network.load(model, { backend });
    console.log(formatEvaluation(await network.evaluate(loadData(data).test)));
    console.log(formatBackend(network.backend));
    network.dispose();
  });

program
  .command('summary')
  .description('the layers of a saved model')
  .argument('<model>', 'a model file')
  .action(async (model: string) => {
    // Nothing is computed: the backend that needs nothing loaded will do.
    const network = await Network.load(model, { backend: 'reference' });
    console.log(network.summary());
    network.dispose();
  });

function integerFromZero(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('Expected an integer from 0.');
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Expected an integer from 1.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

function layerSizes(text: string): number[] {
  return text.split(',').map(positiveInteger);
}

// `chainrule train | head`: whoever read the output has gone, which is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  // What the library refuses is the caller's to mend and told in a line; anything else is a bug and shows where.
  if (!(error instanceof ChainruleError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
