// Published test scores to stand beside ours, each with where it was read; the protocols are not always the same.

export interface PublishedScore {
  readonly method: string;
  /** All in [0, 1]. */
  readonly accuracy: number;
  /** Accuracy of the class that fares worst. */
  readonly worst?: number;
  readonly auc?: number;
  readonly source: string;
}

const RRR = 'dtak/rrr, notebook output; 60,000 train images, random decoy';
const R4 =
  'Mihneaghitu/ModelGuidanceViaRobustFeatureAttribution, results yaml; its own copy of Decoy-MNIST, every mask';
const TYPOLOGY =
  'Friedrich et al., typology repository, robustness.ipynb; mean of 5 seeds, epoch 50, incomplete feedback';
const MEDMNIST = 'MedMNIST v2, table 3, as quoted in a public course note';

/** By the start of a data set's name, in lower case with `_` and `-` left out. */
export const PUBLISHED: Readonly<Record<string, readonly PublishedScore[]>> = {
  pneumoniamnist: [
    { method: 'ResNet-18 (28)', accuracy: 0.854, auc: 0.944, source: MEDMNIST },
    { method: 'ResNet-50 (28)', accuracy: 0.854, auc: 0.948, source: MEDMNIST },
    { method: 'AutoKeras', accuracy: 0.878, auc: 0.947, source: MEDMNIST },
    { method: 'Google AutoML Vision', accuracy: 0.946, auc: 0.991, source: MEDMNIST },
  ],
  retinamnist: [
    {
      method: 'ResNet-18 (28)',
      accuracy: 0.513,
      auc: 0.712,
      source: 're-run with the MedMNIST recipe, rapotekhin/RetinaMNIST_Research',
    },
    {
      method: 'ResNet-18 (28), with their changes',
      accuracy: 0.533,
      auc: 0.753,
      source: 'rapotekhin/RetinaMNIST_Research',
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
  busi: [
    {
      method: 'ResNet-18 (28) on BreastMNIST',
      accuracy: 0.863,
      auc: 0.901,
      source: 'MedMNIST v2; the same images, but two classes and another split',
    },
  ],
  decoymnist: [
    { method: 'MLP, no guidance', accuracy: 0.516, source: RRR },
    { method: 'MLP, RRR with every image annotated', accuracy: 0.961, source: RRR },
    { method: 'MLP, no guidance, digits without a decoy', accuracy: 0.961, source: RRR },
    { method: 'no guidance', accuracy: 0.637, worst: 0.224, source: R4 },
    { method: 'RRR', accuracy: 0.923, worst: 0.854, source: R4 },
    { method: 'IBP + RRR', accuracy: 0.931, worst: 0.881, source: R4 },
    { method: 'R4', accuracy: 0.97, worst: 0.948, source: R4 },
    { method: 'CNN, no guidance', accuracy: 0.856, source: TYPOLOGY },
    { method: 'CNN, RRR', accuracy: 0.985, source: TYPOLOGY },
    { method: 'CNN, RRR-G', accuracy: 0.884, source: TYPOLOGY },
    { method: 'CNN, RBR', accuracy: 0.96, source: TYPOLOGY },
    { method: 'CNN, CDEP', accuracy: 0.968, source: TYPOLOGY },
    { method: 'CNN, HINT', accuracy: 0.966, source: TYPOLOGY },
  ],
};
