// The published scores of a data set by its name.

import { PUBLISHED, type PublishedScore } from '../compare/configs/published.ts';

export type { PublishedScore };

/** The published scores of a data set, none where we know none, and none of one with a shortcut planted by us. */
export function publishedScores(datasetName: string): readonly PublishedScore[] {
  if (datasetName.includes('+')) return [];
  const name = datasetName.toLowerCase().replace(/[-_]/g, '');
  return Object.entries(PUBLISHED).find(([start]) => name.startsWith(start))?.[1] ?? [];
}
