// The model card of a trained classifier, as the Hugging Face hub shows it: data, figures, guidance, limits.

import type { ModelFile } from '../model-file.ts';

/** A figure of the test images, for the card. */
export interface CardFigure {
  /** "accuracy". */
  readonly name: string;
  readonly value: number;
  /** 95 % interval, where one is known. */
  readonly interval?: readonly [number, number];
}

/** What the card says beside the model file. */
export interface CardContext {
  readonly figures: readonly CardFigure[];
  /** Number of test images. */
  readonly tested?: number;
  readonly notes: readonly string[];
  /** Where the annotations came from, as text for a person. */
  readonly annotations?: string;
}

/** Text of README.md. */
export function modelCard(
  model: ModelFile,
  { figures, tested, notes, annotations }: CardContext,
): string {
  const { data, classes, arm, architecture, config, madeWith } = model;
  const { channels, size } = architecture;
  const head = [
    '---',
    'library_name: gfsr',
    'pipeline_tag: image-classification',
    'tags: [gfsr, image-classification, saliency, explainability]',
    ...(figures.length > 0 ? modelIndex(data, figures) : []),
    '---',
  ];
  const guided =
    arm === 'guided'
      ? `Trained with the relevance loss \`${config.guidance.loss}\`, so that its saliency follows masks spread from a few marks. ` +
        `Marks: ${annotations ?? 'not recorded'}.`
      : 'Trained with cross-entropy alone, without guidance.';
  const shown = (value: number) => value.toFixed(4);
  const rows = figures.map(({ name, value, interval }) => {
    const range = interval ? `${shown(interval[0])} to ${shown(interval[1])}` : '–';
    return `| ${name} | ${shown(value)} | ${range} |`;
  });
  return [
    ...head,
    `# ${architecture.architecture} on ${data}`,
    '',
    `Classifies ${channels === 1 ? 'grey' : 'RGB'} images of ${size}×${size} pixels as ${classes.map((name) => `*${name}*`).join(', ')}.`,
    '',
    '## What guided it',
    '',
    guided,
    '',
    ...(rows.length > 0
      ? [
          '## Figures',
          '',
          `On ${tested ?? 'the'} test images that training did not see. Intervals are 95 %.`,
          '',
          '| figure | value | interval |',
          '| --- | --- | --- |',
          ...rows,
          '',
        ]
      : []),
    '## How to use it',
    '',
    '    from load_in_pytorch import load',
    '    probabilities = load(".")(pixels).softmax(1)   # pixels [N, C, size, size], 0 to 255',
    '',
    '## Limits',
    '',
    `- It knows only the classes above, and answers with one of them for any image.`,
    '- It was measured on images from the same source as its training images. Others may differ.',
    '- Saliency shows where a classifier looks, not that it is right.',
    '- It is no medical device.',
    ...notes.map((note) => `- Note on the data: ${note}`),
    '',
    '## Made with',
    '',
    ...Object.entries(madeWith).map(([what, version]) => `- ${what}: \`${version}\``),
    '',
  ].join('\n');
}

/** Figures as the hub reads them. */
const modelIndex = (data: string, figures: readonly CardFigure[]): string[] => [
  'model-index:',
  `- name: ${JSON.stringify(`gfsr on ${data}`)}`,
  '  results:',
  '  - task: {type: image-classification}',
  `    dataset: {name: ${JSON.stringify(data)}, type: ${JSON.stringify(data)}}`,
  '    metrics:',
  ...figures.map(({ name, value }) => `    - {type: ${JSON.stringify(name)}, value: ${value}}`),
];
