// `gfsr gradcheck`: checks a user's relevance loss or function, and explains what is wrong with its gradients.

import { checkDerivatives } from '../../guidance/derivative-check.ts';
import { loadChecked } from '../../guidance/loss-file.ts';
import { defineCommand } from '../../terminal/command.ts';
import { withGpu } from '../device.ts';

export const gradcheck = defineCommand({
  name: 'gradcheck',
  help: 'check the gradients of your own relevance loss or function (.ts or .js), to second order',
  arguments: { file: 'one' },
  flags: {},
  examples: ['gradcheck my-loss.ts'],
  async run({ file }, out) {
    const checked = await loadChecked(file);
    const { problems, notes, derivatives } = await withGpu((gpu) => checkDerivatives(gpu, checked));
    for (const note of notes) out.result(`note     ${note}`);
    for (const problem of problems) out.result(`WRONG    ${problem}`);
    const name = 'f' in checked ? file : checked.name;
    out.result(
      problems.length === 0
        ? `${name}: ${derivatives} derivatives agree with differences, to second order.`
        : `${name}: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}.`,
    );
    return problems.length === 0 ? 0 : 1;
  },
});
