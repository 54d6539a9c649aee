// What a comparison and its worker processes say to each other, checked on both sides.

import * as v from 'valibot';
import { parse } from '../compare/comparison-file.ts';
import { originSchema } from '../compare/origin.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** To a worker. `open` comes first, then one `trial` after another. The end of the channel means stop. */
const orderSchema = v.variant('kind', [
  /** The comparison, and the folder of its warm starts. */
  v.object({ kind: v.literal('open'), origin: originSchema, folder: v.string() }),
  v.object({ kind: v.literal('trial'), key: v.string() }),
]);

/** From a worker, which has one trial at a time. */
const newsSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('step'), step: count, total: count }),
  /** The warm start of its trial is in the folder. */
  v.object({ kind: v.literal('warm') }),
  /** The record of the trial as a file. */
  v.object({ kind: v.literal('finished'), text: v.string() }),
  /** Its own settings or loss made the trial fail. */
  v.object({ kind: v.literal('broken'), message: v.string() }),
]);

export type Order = v.InferOutput<typeof orderSchema>;
export type News = v.InferOutput<typeof newsSchema>;

/** @throws RangeError unless it is one */
export const parseOrder = (message: unknown): Order => parse(orderSchema, message, 'worker: order');

/** @throws RangeError unless it is one */
export const parseNews = (message: unknown): News => parse(newsSchema, message, 'worker: news');
