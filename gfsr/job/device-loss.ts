// Goes on with a run whose device was lost: on a new device, from the last checkpoint.

import { DeviceLostError } from '../../engine/core/errors.ts';

/** After this many losses something is wrong that a new device does not cure. */
export const MOST_LOSSES = 3;

/**
 * Does `work`, which opens a device and runs the job. Each time that the device is lost, it is done again with the job
 * as it is stored, at most `MOST_LOSSES` times. The result is the same to the last bit.
 *
 * @param work is given the job, and tells how to take it up again as soon as it is stored
 * @param onLost is told how many devices were lost so far
 * @throws DeviceLostError if the device was lost before the job was stored, or too often; and any other error of `work`
 */
export async function acrossDeviceLosses<J, T>(
  first: J,
  work: (job: J, stored: (takeUp: () => Promise<J>) => void) => Promise<T>,
  onLost: (losses: number, error: DeviceLostError) => void = () => {},
): Promise<T> {
  let job = first;
  let takeUp: (() => Promise<J>) | undefined;
  for (let losses = 1; ; losses++) {
    try {
      return await work(job, (again) => {
        takeUp = again;
      });
    } catch (error) {
      if (!(error instanceof DeviceLostError) || !takeUp || losses > MOST_LOSSES) throw error;
      onLost(losses, error);
      job = await takeUp();
    }
  }
}
