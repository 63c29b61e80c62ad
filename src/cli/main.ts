#!/usr/bin/env node
/** The command line: options and errors. The commands themselves are in the files beside this one. */
import { createRequire } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ChainruleError, type NetworkOptions, OPTIMIZER_TYPES } from '../index.node.ts';
import { loadData } from './data.ts';
import { describeDefault, describeRates } from './defaults.ts';
import type { TrainFlags } from './job.ts';
import { loadModel } from './model.ts';
import { predictLines } from './predict.ts';
import { formatBackend, formatEvaluation } from './report.ts';
import { train } from './train.ts';

const BACKENDS = ['auto', 'native', 'wasm', 'reference'];

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const backendOption = () =>
  new Option('--backend <name>', 'what runs the network (default: auto, the fastest that loads)').choices(BACKENDS);

const program = new Command('chainrule')
  .description('Trains neural networks by backpropagation.')
  .version(version)
  .showSuggestionAfterError(false);

program
  .command('train')
  .description('train on the digits that come with the package, an MNIST-format folder, or as a model.json says')
  .argument('[source]', 'digits, a folder, or the path of a .json file', 'digits')
  .option('--epochs <number>', `passes over the data (default: ${describeDefault('epochs')})`, positiveInteger)
  .option('--batch-size <number>', `samples of a mini-batch (default: ${describeDefault('batchSize')})`, positiveInteger)
  .option('--learning-rate <number>', `the step size of the optimiser (default: ${describeRates()})`, positiveNumber)
  .addOption(new Option('--optimizer <name>', 'how weights are updated (default: adam)').choices(OPTIMIZER_TYPES))
  .option('--hidden <sizes>', `hidden layers, as in 50,20 (default: ${describeDefault('hidden')})`, layerSizes)
  .option('--seed <number>', 'decides initial weights and shuffling (default: 0)', integerFromZero)
  .addOption(backendOption())
  .option('--out <file>', 'where to save the trained model (default: nowhere)')
  .option(
    '--checkpoints <folder>',
    'write one of every epoch there, and go on from the newest; SIGTERM writes one and ends (default: none)',
  )
  .option('--diagnose', 'measure the step after the last: gradients, updates and dead units of every layer (default: off)')
  .addHelpText(
    'after',
    '\nA .json file goes before these defaults, and options of the command line before the file.\nREADME.md has its keys.',
  )
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
    const network = await loadModel(model, { backend });
    console.log(formatEvaluation(await network.evaluate(loadData(data).test)));
    console.log(formatBackend(network.backend));
    network.dispose();
  });

program
  .command('predict')
  .description('what a saved model answers for each sample of the test part, a line each: the class and its probability, or all outputs')
  .argument('<model>', 'a model file')
  .argument('<data>', 'digits or an MNIST-format folder')
  .addOption(backendOption())
  .action(async (model: string, data: string, { backend }: Pick<NetworkOptions, 'backend'>) => {
    const network = await loadModel(model, { backend });
    console.log((await predictLines(network, loadData(data))).join('\n'));
    network.dispose();
  });

program
  .command('summary')
  .description('the layers of a saved model')
  .argument('<model>', 'a model file')
  .action(async (model: string) => {
    // Nothing is computed: the backend that needs no loading is enough.
    const network = await loadModel(model, { backend: 'reference' });
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

// `chainrule train | head`: the reader of the output has gone, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  // An error of the library is the caller's to mend and is told in a line. Any other error is a bug and shows its stack.
  if (!(error instanceof ChainruleError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
