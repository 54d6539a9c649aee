// `gfsr gradcheck`: checks a relevance loss, or a user's function, and explains what is wrong with its gradients.

import { type CheckedDerivatives, checkDerivatives } from '../../guidance/derivative-check.ts';
import { loadChecked } from '../../guidance/loss-file.ts';
import { defineCommand } from '../../terminal/command.ts';
import { withGpu } from '../device.ts';

export const gradcheck = defineCommand({
  name: 'gradcheck',
  help: 'check the gradients of a relevance loss (a name or your own .ts or .js file) or function, to second order',
  arguments: { loss: 'one' },
  flags: {},
  examples: ['gradcheck my-loss.ts', 'gradcheck energy'],
  async run({ loss }, out) {
    const checked = await loadChecked(loss);
    const report = await withGpu((gpu) => checkDerivatives(gpu, loss, checked));
    const { problems, notes } = report;
    for (const note of notes) out.result(`note     ${note}`);
    for (const problem of problems) out.result(`WRONG    ${problem}`);
    const name = 'f' in checked ? loss : checked.name;
    out.result(
      problems.length === 0
        ? `${name}: ${agreement(report)}.`
        : `${name}: ${problems.length === 1 ? 'one thing is' : `${problems.length} things are`} wrong.`,
    );
    return problems.length === 0 ? 0 : 1;
  },
});

const agreement = ({ derivatives, unchecked }: CheckedDerivatives): string =>
  `${derivatives} derivatives agree with differences, to second order` +
  (unchecked > 0 ? `; ${unchecked} could not be checked, see the notes` : '');
