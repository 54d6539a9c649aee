// Trainings on the server of a page: its device is this machine's, and its run a folder on the disk.

import { createNodeDevice } from '../../engine/node.ts';
import type { ConfigChanges } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { ownCode } from '../job/job.ts';
import { processor, versions } from '../machine/provenance.ts';
import { openFolderStore } from '../store/folder-store.ts';
import { LastingDevice } from './lasting-device.ts';
import type { Handlers } from './serve-calls.ts';
import type { TrainCalls } from './train-calls.ts';
import { Trainings } from './trainings.ts';

export interface ServerTrainings {
  readonly handlers: Handlers<TrainCalls>;
  /** Stops what runs, and lets go of the device and the folder. */
  close(): Promise<void>;
}

/**
 * @param folder of the run: new, empty, or a run that goes on
 * @throws RangeError if the folder holds something else, or is in use
 */
export async function openTrainings(
  folder: string,
  dataset: Dataset,
  settings: ConfigChanges,
): Promise<ServerTrainings> {
  const run = await openFolderStore(folder);
  const device = new LastingDevice(() => createNodeDevice());
  const files = () => ({ run, dataset: async () => dataset, settings: async () => settings });
  const maker = { processor: processor(), versions: versions(), own: ownCode() };
  const trainings = new Trainings({ device, files, maker });
  return {
    handlers: {
      device: () => device.state(),
      train: (request, { report }) => trainings.train(request, report),
      followTraining: (place, { report }) => trainings.follow(place, report),
      stopTraining: () => trainings.stop(),
      lastRun: (place) => trainings.lastRun(place),
      explain: (request) => trainings.explain(request),
      keepVerdicts: ({ place, verdicts }) => trainings.keepVerdicts(place, verdicts),
      openTest: (place) => trainings.openTest(place),
      exportRun: (place) => trainings.exportRun(place),
      runFiles: (place) => trainings.runFiles(place),
    },
    async close() {
      await trainings.stop();
      await device.close();
      run.close();
    },
  };
}
