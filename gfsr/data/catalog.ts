// The known data sets: their classes, published file, published scores, and default settings.
//
// To add one: an entry here, its comparison in gfsr/compare/configs/, and a reader if its format is new.

import type { ConfigChanges } from '../config/config.ts';
import { BLOOD_CELLS, BUTTERFLIES, DERMATOLOGY, ORGANS, TISSUES } from './class-names.ts';

export interface PublishedScore {
  readonly method: string;
  /** All in [0, 1]. */
  readonly accuracy?: number;
  /** Accuracy of the class with the lowest one. */
  readonly worst?: number;
  readonly auc?: number;
  readonly source: string;
}

export interface OfficialFile {
  /** For people. */
  readonly title: string;
  /** Name under which it is published. */
  readonly file: string;
  /** Checksum of the published file, if the publisher states one. */
  readonly md5?: string;
  /** Public download address; absent if there is none. */
  readonly url?: string;
  /** Web page for people. */
  readonly page: string;
  /** Other paths in a data folder: copies with the same layout, but possibly different bytes. */
  readonly copies: readonly string[];
}

/** What is known about a data set. */
export interface KnownDataset {
  /** Names in label order; absent if the images come with their own. */
  readonly classes?: readonly string[];
  /** Absent if we know no file to fetch. */
  readonly file?: OfficialFile;
  /** For comparison with ours. Protocols are not always the same. */
  readonly scores?: readonly PublishedScore[];
  /** Its own settings and why they are not those that follow from size and number of its images. */
  readonly defaults?: { readonly settings: ConfigChanges; readonly reason: string };
  /** Nothing in its images can be marked. Default false. */
  readonly unmarkable?: boolean;
}

const RRR = 'dtak/rrr, notebook output; 60,000 training images, random decoy';
const R4 =
  'Mihneaghitu/ModelGuidanceViaRobustFeatureAttribution, results yaml; its own copy of Decoy-MNIST, every mask';
const TYPOLOGY =
  'Friedrich et al., typology repository, robustness.ipynb; mean of 5 seeds, epoch 50, incomplete feedback';
const MEDMNIST = 'MedMNIST v2, table 3, as quoted in a public course note';

const DECOY_SCORES: readonly PublishedScore[] = [
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
];

/** What a set with masks that has no public file must contain. */
const MASKED_ARRAYS = 'as arrays {train,val}_{images,labels,masks,mask_index},';

/** Chosen on validation images, which carry the decoy. */
const DECOY_DEFAULTS: KnownDataset['defaults'] = {
  reason:
    "a square at the rim is seen by a dense head on a fine map, as evidence for or against any class; gfsr's own settings look for evidence for the true class on a coarse one",
  settings: {
    model: { widths: [16, 32], hidden: 64, head: 'dense', norm: 'none', dropout: 0 },
    train: { epochs: 7, batchSize: 64, weightDecay: 0, augment: 'none', ema: 0 },
    saliency: { layer: 'first', method: 'hirescam', sign: 'abs', target: 'random-signs' },
    guidance: {
      ...{ loss: 'energy', lambda: 32, balance: 'loss-ratio' },
      ...{ warmupEpochs: 1, rampEpochs: 1, guidedShare: 0.5 },
    },
    annotation: { fraction: 0.01 },
    masks: {
      ...{ segmentation: 'grid', segments: 49, concepts: 50, perClass: false },
      ...{ relevanceNetwork: true, sigma: 1.2, saturation: 1, scale: 'mean', unmarked: 1 },
      ...{ features: 'last', position: 'linear', conceptInputs: true, fallback: 'none' },
    },
  },
};

/**
 * Class names, MD5 sums and addresses are from `medmnist/info.py` (MedMNIST 2 and 3; its corrected fork for
 * DermaMNIST-C). The classes of BUSI are its folders.
 */
const ENTRIES: Readonly<Record<string, KnownDataset>> = {
  'decoy-mnist': { defaults: DECOY_DEFAULTS, scores: DECOY_SCORES },
  'decoy-mnist-anywhere': { defaults: DECOY_DEFAULTS },
  // Nothing in it misleads, so nobody has to mark anything.
  'decoy-mnist-clean': { defaults: DECOY_DEFAULTS, unmarkable: true, scores: DECOY_SCORES },
  pneumoniamnist: {
    classes: ['normal', 'pneumonia'],
    file: {
      title: 'PneumoniaMNIST',
      file: 'pneumoniamnist.npz',
      md5: '28209eda62fecd6e6a2d98b1501bb15f',
      url: 'https://zenodo.org/records/10519652/files/pneumoniamnist.npz?download=1',
      page: 'https://medmnist.com',
      copies: ['pneumoniamnist/pneumoniamnist.npz', 'pneumoniamnist/pneumoniamnist_28.npz'],
    },
    scores: [
      { method: 'ResNet-18 (28)', accuracy: 0.854, auc: 0.944, source: MEDMNIST },
      { method: 'ResNet-50 (28)', accuracy: 0.854, auc: 0.948, source: MEDMNIST },
      { method: 'AutoKeras', accuracy: 0.878, auc: 0.947, source: MEDMNIST },
      { method: 'Google AutoML Vision', accuracy: 0.946, auc: 0.991, source: MEDMNIST },
    ],
  },
  retinamnist: {
    classes: ['grade 0', 'grade 1', 'grade 2', 'grade 3', 'grade 4'],
    file: {
      title: 'RetinaMNIST',
      file: 'retinamnist.npz',
      md5: 'bd4c0672f1bba3e3a89f0e4e876791e4',
      url: 'https://zenodo.org/records/10519652/files/retinamnist.npz?download=1',
      page: 'https://medmnist.com',
      copies: ['retinamnist/retinamnist.npz'],
    },
    scores: [
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
  },
  'dermamnist-c': {
    classes: DERMATOLOGY,
    file: {
      title: 'DermaMNIST-C',
      file: 'dermamnist_corrected_28.npz',
      md5: '96e2862980877d45d9cacb5c25de6950',
      page: 'https://critique.kabhishe.com (Abhishek, Jain & Hamarneh, arXiv 2401.14497)',
      copies: [
        'dermamnist-c/dermamnist_corrected_28.npz',
        'dermamnist-c/dermamnist_c_subset_28.npz',
      ],
    },
    scores: [
      {
        method: 'ResNet-18 (28)',
        accuracy: 0.8251,
        auc: 0.9456,
        source: "mean of the authors' three training logs, kakumarabhishek; whole DermaMNIST-C",
      },
    ],
  },
  busi: {
    classes: ['benign', 'malignant', 'normal'],
    file: {
      title: 'BUSI',
      file: 'busi_128_trainval.npz',
      page: `the images of Al-Dhabyani et al. 2020 at 128 pixels, ${MASKED_ARRAYS}`,
      copies: ['busi/busi_128_trainval.npz'],
    },
    scores: [
      {
        method: 'ResNet-18 (28) on BreastMNIST',
        accuracy: 0.863,
        auc: 0.901,
        source: 'MedMNIST v2; the same images, but two classes and another split',
      },
    ],
  },
  'brain-tumor-axial': {
    classes: ['meningioma', 'glioma', 'pituitary tumour'],
    file: {
      title: 'Brain tumours, axial slices',
      file: 'brain_tumor_axial_128_trainval.npz',
      page: `the axial slices of Cheng 2017 (doi 10.6084/m9.figshare.1512427) at 128 pixels, ${MASKED_ARRAYS}`,
      copies: ['brain-tumor-axial/brain_tumor_axial_128_trainval.npz'],
    },
  },
  'cxr-tb': {
    classes: ['normal', 'tuberculosis'],
    file: {
      title: 'Chest X-rays with tuberculosis',
      file: 'cxr_tb_128_trainval.npz',
      page: `the Montgomery and Shenzhen films of the NLM with lung masks at 128 pixels, ${MASKED_ARRAYS}`,
      copies: ['cxr-tb/cxr_tb_128_trainval.npz'],
    },
    scores: [
      {
        method: 'ensemble of pretrained AlexNet and GoogLeNet',
        auc: 0.99,
        source: 'Lakhani & Sundaram 2017, abstract; 1,007 larger films of four sets, another split',
      },
    ],
  },
  'leeds-butterfly': {
    classes: BUTTERFLIES,
    file: {
      title: 'Leeds Butterfly',
      file: 'leeds_butterfly_64_trainval.npz',
      page: `the photographs of Wang, Markert & Everingham 2009 at 64 pixels, ${MASKED_ARRAYS}`,
      copies: ['leeds-butterfly/leeds_butterfly_64_trainval.npz'],
    },
    scores: [
      {
        method: 'Keras network',
        accuracy: 0.895,
        source:
          '848475885/Butterfly_species_detector_keras; validation, its own split of 782 and 50',
      },
    ],
  },
  'msrc-objects': {
    classes: ['animal', 'vehicle', 'thing', 'person'],
    file: {
      title: 'MSRC objects',
      file: 'msrc_objects_96_trainval.npz',
      page: `the photographs of MSRC v2 that show one kind of object at 96 pixels, ${MASKED_ARRAYS}`,
      copies: ['msrc-objects/msrc_objects_96_trainval.npz'],
    },
  },
  dermamnist: { classes: DERMATOLOGY },
  breastmnist: { classes: ['malignant', 'normal or benign'] },
  bloodmnist: { classes: BLOOD_CELLS },
  pathmnist: { classes: TISSUES },
  octmnist: {
    classes: ['choroidal neovascularization', 'diabetic macular edema', 'drusen', 'normal'],
  },
  organamnist: { classes: ORGANS },
  organcmnist: { classes: ORGANS },
  organsmnist: { classes: ORGANS },
};

/** The known data sets, by name. */
export const catalog: ReadonlyMap<string, KnownDataset> = new Map(Object.entries(ENTRIES));

const letters = (name: string): string =>
  name.toLowerCase().replace(/[-_]/g, '').replace('corrected', 'c');

/** What the file of a known data set adds to its name: its size, which part of the data it is, which of its kinds. */
const ADDED = /^(?:\d+|x|trainval|subset|cdep|anywhere|clean)*$/;

/**
 * What is known about a data set or file: the entry with the longest name that starts its name, if the rest says no
 * more than `ADDED`. Other data may begin with the same word. Case, `-`, `_` and a planted shortcut are ignored.
 */
export function knownDataset(name: string): KnownDataset | undefined {
  const own = letters(name.split('+')[0]);
  const names = [...catalog.keys()].filter((each) => {
    const known = letters(each);
    return own.startsWith(known) && ADDED.test(own.slice(known.length));
  });
  return catalog.get(names.sort((a, b) => b.length - a.length)[0]);
}

/** The published scores of a data set; empty if we know none, or if we planted a shortcut. */
export function publishedScores(datasetName: string): readonly PublishedScore[] {
  return datasetName.includes('+') ? [] : (knownDataset(datasetName)?.scores ?? []);
}

/** Class names of a data set with at least `classes` of them, if they are known. */
export function knownClasses(datasetName: string, classes: number): string[] | undefined {
  const known = knownDataset(datasetName)?.classes;
  return known && known.length >= classes ? [...known] : undefined;
}
