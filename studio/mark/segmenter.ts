// Segments of images, computed once each by a worker.

import { defaultSegments } from '../../gfsr/masks/segmentation.ts';
import type { Pictures } from '../pictures.ts';
import type { MarkedDataset } from '../storage/project.ts';
import { workerFailure } from '../worker-failure.ts';
import { SegmentMap } from './segment-map.ts';
import type { SegmentAnswer, SegmentRequest } from './segment-worker.ts';

const KEPT = 64;

type Shape = Pick<MarkedDataset, 'channels' | 'height' | 'width'>;

interface Waiting {
  readonly resolve: (map: SegmentMap) => void;
  readonly reject: (error: Error) => void;
}

/** Divides the images of a data set into segments. */
export class Segmenter {
  readonly #worker = new Worker(new URL('./segment-worker.ts', import.meta.url), {
    type: 'module',
  });
  readonly #waiting = new Map<number, Waiting>();
  #failure: Error | undefined;
  readonly #known = new Map<string, Promise<SegmentMap>>();
  readonly #dataset: Shape;
  readonly #pictures: Pick<Pictures, 'bytes'>;
  #requests = 0;

  constructor(dataset: Shape, pictures: Pick<Pictures, 'bytes'>) {
    this.#dataset = dataset;
    this.#pictures = pictures;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<SegmentAnswer>) => {
      this.#waiting.get(data.request)?.resolve(new SegmentMap(data.measured));
      this.#waiting.delete(data.request);
    });
    this.#worker.addEventListener('error', (event) => {
      this.#failure = workerFailure(event);
      for (const { reject } of this.#waiting.values()) reject(this.#failure);
      this.#waiting.clear();
    });
  }

  /** @param finer factor of the usual number of segments */
  segments(image: number, finer: number): Promise<SegmentMap> {
    const key = `${image} ${finer}`;
    const known = this.#known.get(key) ?? this.#compute(image, finer);
    this.#known.delete(key);
    this.#known.set(key, known); // now the latest
    known.catch(() => this.#known.delete(key)); // the next call tries again
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value as string);
    return known;
  }

  /** Ends its worker. */
  close(): void {
    this.#worker.terminate();
  }

  async #compute(image: number, finer: number): Promise<SegmentMap> {
    const { channels, height, width } = this.#dataset;
    const bytes = await this.#pictures.bytes(image);
    if (this.#failure) throw this.#failure;
    const usual = defaultSegments(height, width) * finer;
    const segments = Math.max(4, Math.min(height * width, Math.round(usual)));
    const request = this.#requests++;
    const shape = { channels: channels === 3 ? 3 : 1, height, width };
    const answer = new Promise<SegmentMap>((resolve, reject) =>
      this.#waiting.set(request, { resolve, reject }),
    );
    // A copy: with a part of a block, all of the block would be copied.
    const own = bytes.slice(0, shape.channels * height * width);
    const message: SegmentRequest = { request, bytes: own, shape, segments };
    this.#worker.postMessage(message, [own.buffer]);
    return answer;
  }
}
