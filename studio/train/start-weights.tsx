// Where a training starts: at random weights, or at those of a file that a person gives.

import { fileOpen } from 'browser-fs-access';
import type { ArchitectureName } from '../../model/architectures.ts';
import type { Trainer } from './trainer.ts';

/** In words; the page does not load the classifiers themselves. */
const CLASSIFIERS: Readonly<Record<ArchitectureName, string>> = {
  'small-cnn': 'small-cnn',
  resnet18: 'resnet18',
  resnet34: 'resnet34',
  mobilenet_v3_small: 'mobilenet_v3_small',
};

export function StartWeights({ trainer }: { trainer: Trainer }) {
  const { weights, state } = trainer;
  const { value: given } = weights;
  const isBusy = state.value.state === 'running';
  const choose = async () => {
    try {
      const file = await fileOpen({ extensions: ['.safetensors'], description: 'weights' });
      weights.value = { file };
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
    }
  };
  return (
    <fieldset>
      <legend>Start from</legend>
      <p>
        {given ? (
          <>
            the weights of <b>{given.file.name}</b>
          </>
        ) : (
          'random weights'
        )}
      </p>
      <div class="row">
        <button type="button" disabled={isBusy} onClick={() => void choose()}>
          Start from weights …
        </button>
        {given && (
          <>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => {
                weights.value = undefined;
              }}
            >
              Start from random weights
            </button>
            <label>
              Classifier
              <select
                value={given.architecture ?? ''}
                disabled={isBusy}
                onChange={({ currentTarget: { value } }) => {
                  weights.value = {
                    file: given.file,
                    ...(value !== '' && { architecture: value as ArchitectureName }),
                  };
                }}
              >
                <option value="">as the file says</option>
                {Object.entries(CLASSIFIERS).map(([name, words]) => (
                  <option key={name} value={name}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
      </div>
      <p class="hint">
        A <code>.safetensors</code> file: weights of an earlier run, which say what classifier they
        belong to, or pretrained ones.
      </p>
    </fieldset>
  );
}
