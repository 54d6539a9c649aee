// Goes on with a run whose device was lost: on a new device, from the last checkpoint.

import { DeviceLostError } from '../../engine/core/errors.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { type Job, resumeJob } from './job.ts';

/** After this many losses something is wrong that a new device does not cure. */
export const MOST_LOSSES = 3;

/**
 * Does `work`, which opens a device and runs the job in its folder. Each time that the device is lost, it is done again
 * with the job as its folder describes it, at most `MOST_LOSSES` times. The result is the same to the last bit.
 *
 * @param work is given the job, and tells which folder it runs in
 * @param onLost is told how many devices were lost so far
 * @throws DeviceLostError if the device was lost before there was a folder, or too often; and any other error of `work`
 */
export async function acrossDeviceLosses<T>(
  first: Job,
  work: (job: Job, began: (folder: RunFolder) => void) => Promise<T>,
  onLost: (losses: number, error: DeviceLostError) => void = () => {},
): Promise<T> {
  let job = first;
  let folder: RunFolder | undefined;
  for (let losses = 1; ; losses++) {
    try {
      return await work(job, (begun) => {
        folder = begun;
      });
    } catch (error) {
      if (!(error instanceof DeviceLostError) || !folder || losses > MOST_LOSSES) throw error;
      folder.close();
      onLost(losses, error);
      job = await resumeJob(folder.path);
    }
  }
}
