// How strongly guidance counts over the course of training, and when it hardly does.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { faintGuidance, lambdaAt } from '../../../gfsr/train/course.ts';

const guidance = {
  ...defaultConfig.guidance,
  ...({ lambda: 2, balance: 'loss-ratio', warmupEpochs: 1, rampEpochs: 2 } as const),
};

test('λ grows from nothing at the end of the warm-up to its balanced weight', () => {
  assert.equal(
    [0, 1, 2, 3, 4].map((epochs) => lambdaAt(guidance, epochs, 3)),
    [0, 0, 3, 6, 6],
  );
  assert.is(lambdaAt({ ...guidance, rampEpochs: 0 }, 1, 3), 6);
});

test('a weight so small that guidance does nothing is said, with the way out', () => {
  assert.is(faintGuidance(guidance, 1), undefined);
  assert.is(
    faintGuidance({ ...guidance, lambda: 0 }, 1),
    undefined,
    'it is switched off on purpose',
  );
  assert.match(
    faintGuidance(guidance, 1e-4) as string,
    /weighs only 0\.00020: cross-entropy was almost nil .* Use a larger lambda, or --balance none\.$/,
  );
});

test.run();
