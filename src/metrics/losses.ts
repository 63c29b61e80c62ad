/** Losses as metrics: measured beside the loss that a head is trained by. */
import { OptionError } from '../errors.ts';
import { type Loss, lossConfig } from '../losses/loss.ts';
import { lossesPerRow, weightedSum } from '../losses/rows.ts';
import { count, formatShape, sameShape } from '../ops/shape.ts';
import { Metric } from './metric.ts';
import type { HeadFacts, HeadRows } from './rows.ts';

/** The weighted mean of a loss over its rows. It ignores the targets that the head's own loss ignores. */
export function lossMetric(given: Loss, name = given.name): Metric {
  const forHead = ({ loss: own }: HeadFacts) => (given.takesClasses ? given.ignoring(own.ignore) : given);
  const config = lossConfig(given);
  return new Metric(
    name,
    'lower',
    { ...(typeof config === 'string' ? { type: config } : config), ...(name !== given.name && { name }) },
    {
      rowsOf(head) {
        checkForms(given, head.loss);
        checkIgnoring(given, head.loss);
        checkTargets(given, head);
        return { targets: head.form, perSample: given.takesClasses ? count(head.shape.slice(0, -1)) : 1 };
      },
      measure(head: HeadRows) {
        const loss = forHead(head);
        const rows = head.rowsFor(loss);
        return { values: { loss: weightedSum(lossesPerRow(loss, rows), rows) }, weight: rows.weight };
      },
      joins: false,
      // Where no target counts the loss is 0, as it is in a mini-batch.
      result: ({ loss }, { weight }) => (weight === 0 ? 0 : loss / weight),
    },
  );
}

/** Throws OptionError for a loss that does not take all that the head's own takes. */
function checkForms({ name, definition }: Loss, own: Loss): void {
  const misfit = own.definition.targets.find((form) => !definition.targets.includes(form));
  if (misfit) throw new OptionError(`metrics: expected losses of the ${misfit} that ${own.name} takes, got ${name}`);
}

/** Throws OptionError for a loss whose targets have another shape than those of the head's own. */
function checkTargets(given: Loss, { loss: own, shape, form }: HeadFacts): void {
  const [wanted, got] = [own.targetShape(shape), given.targetShape(shape)];
  if (form === 'classes' || sameShape(wanted, got)) return;
  throw new OptionError(
    `metrics: expected losses of targets ${formatShape(wanted)}, as ${own.name} takes, got ${given.name} of ${formatShape(got)}`,
  );
}

/** Throws OptionError for a loss that ignores other targets than the head's own. */
function checkIgnoring(given: Loss, { ignore }: Loss): void {
  if (given.ignore === undefined || given.ignore === ignore) return;
  throw new OptionError(`metrics: expected ${given.name} to ignore what the loss does, ${ignore ?? 'nothing'}, got ${given.ignore}`);
}
