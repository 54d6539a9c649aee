/** Published test scores to stand beside ours, each with where it was read; the protocols are not always the same. */

export interface PublishedScore {
  readonly method: string;
  /** Both in [0, 1]. */
  readonly accuracy: number;
  readonly auc?: number;
  readonly source: string;
}

/** By the start of a data set's name, in lower case with `_` and `-` left out. */
const PUBLISHED: Readonly<Record<string, readonly PublishedScore[]>> = {
  pneumoniamnist: [
    {
      method: 'ResNet-18 (28)',
      accuracy: 0.854,
      auc: 0.944,
      source: 'MedMNIST v2, table 3, as quoted in a public course note',
    },
  ],
  retinamnist: [
    {
      method: 'ResNet-18 (28)',
      accuracy: 0.513,
      auc: 0.712,
      source: 're-run with the MedMNIST recipe, rapotekhin/RetinaMNIST_Research',
    },
  ],
  dermamnistc: [
    {
      method: 'ResNet-18 (28)',
      accuracy: 0.8251,
      auc: 0.9456,
      source: "mean of the authors' three training logs, kakumarabhishek; whole DermaMNIST-C",
    },
  ],
  decoymnist: [
    {
      method: 'MLP, no guidance',
      accuracy: 0.516,
      source: 'dtak/rrr, notebook output; 60,000 train images, random decoy',
    },
    {
      method: 'MLP, RRR with every image annotated',
      accuracy: 0.961,
      source: 'dtak/rrr, notebook output; 60,000 train images, random decoy',
    },
  ],
};

/** The published scores of a data set, none where we know none, and none of one with a shortcut planted by us. */
export function publishedScores(datasetName: string): readonly PublishedScore[] {
  if (datasetName.includes('+')) return [];
  const name = datasetName.toLowerCase().replace(/[-_]/g, '');
  return Object.entries(PUBLISHED).find(([start]) => name.startsWith(start))?.[1] ?? [];
}
