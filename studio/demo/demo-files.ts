// Makes the files of the demo when the page is built; bench/demo.ts measures the same.

import { type Annotation, serialiseAnnotations } from '../../gfsr/annotation/annotations.ts';
import { simulateAnnotations } from '../../gfsr/annotation/simulate.ts';
import type { Dataset } from '../../gfsr/data/dataset.ts';
import { writeDataset } from '../../gfsr/data/dataset-files.ts';
import { loadDataset } from '../../gfsr/data/load.ts';
import { DEMO_ANNOTATIONS, DEMO_DATA, DEMO_MARKS } from './demo.ts';

/** Marks as the demo begins with, by the name of nobody. */
export function demoMarks(dataset: Dataset, seed = 0): string {
  const file = simulateAnnotations(dataset, { count: DEMO_MARKS, seed });
  const annotations = file.annotations.map((each): Annotation => ({ ...each, annotator: 'demo' }));
  return serialiseAnnotations({ ...file, annotations });
}

/** The data set with its marks, by name. */
export async function demoFiles(): Promise<Map<string, Uint8Array>> {
  const dataset = await loadDataset(DEMO_DATA.source, DEMO_DATA);
  const files = new Map<string, Uint8Array>();
  const write = async (name: string, content: Uint8Array | string) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    files.set(name, bytes);
  };
  await writeDataset({ write }, dataset);
  await write(DEMO_ANNOTATIONS, demoMarks(dataset));
  return files;
}
