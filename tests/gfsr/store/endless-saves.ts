// Opens the run folder named on the command line and saves larger and larger steps until it is killed.

import { RunFolder } from '../../../gfsr/store/run-folder.ts';

const run = RunFolder.open(process.argv[2]);
const data = new Float32Array(500_000);
for (let step = 1; ; step++) {
  const tensors = new Map([['w', { shape: [data.length], data: data.fill(step) }]]);
  const partial = { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 };
  await run.save('guided', { step, tensors, history: [], partial });
  run.update({ seconds: step });
  process.stdout.write('.');
}
