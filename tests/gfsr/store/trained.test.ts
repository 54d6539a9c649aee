// Members of an ensemble, and data for a trained classifier: nothing is measured on images that were trained on.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig, withChanges } from '../../../gfsr/config/config.ts';
import { datasetOf } from '../../../gfsr/data/load.ts';
import type { LoadedModel } from '../../../gfsr/store/model-file.ts';
import { checkMembers } from '../../../gfsr/store/trained.ts';

/** As far as `checkMembers` looks at a model. */
const member = (seed: number, source: string) =>
  ({ config: withChanges(defaultConfig, { data: { source }, train: { seed } }) }) as LoadedModel;

test('members that were trained on test images are refused', async () => {
  const members = [member(0, 'decoy-mnist'), member(1, 'decoy-mnist')];
  const dataset = await datasetOf(members[0].config);
  try {
    await checkMembers(members, dataset);
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /seed 1 of member 2 splits decoy-mnist differently from seed 0 of member 1/,
    );
  }
  await checkMembers([members[0], member(0, 'decoy-mnist')], dataset);
});

test.run();
