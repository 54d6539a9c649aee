// GFSR's own annotation file among the formats of others.

import { decodeText } from '../../files/decode-text.ts';
import { type Annotation, parseAnnotations, serialiseAnnotations } from '../annotations.ts';
import { textOf } from './parse.ts';
import type { ExchangeFormat, ShapeImage } from './shapes.ts';
import { annotationShapes, shapeStrokes } from './strokes.ts';

/** Who drew what another program tells nothing of. */
export const IMPORTED = 'imported';

export const native: ExchangeFormat = {
  title: 'GFSR JSON',
  isFolder: false,
  recognises: ({ path, bytes }) =>
    path.endsWith('.json') &&
    /"format"\s*:\s*"gfsr-annotations"/.test(textOf(bytes.subarray(0, 4096))),
  async read({ bytes }, { where, tally, sizeOf }) {
    const { annotations } = parseAnnotations(decodeText(bytes, where), undefined, where);
    const people = new Set(annotations.map(({ annotator }) => annotator)).size;
    if (people > 1)
      tally.add('annotator whose name is lost: all marks of an image are one list', people);
    const byName = new Map<string, ShapeImage>();
    for (const [i, annotation] of annotations.entries()) {
      const { image, strokes } = annotation;
      if (typeof image === 'number') {
        throw new RangeError(
          `${where}: annotations[${i}]: image is the index ${image}, expected a name, since no data is at hand.`,
        );
      }
      const earlier = byName.get(image);
      const own = strokes.find(({ mask }) => mask)?.mask?.size ?? (await sizeOf(image));
      const size = own ?? earlier?.size;
      const shapes = [...(earlier?.shapes ?? []), ...annotationShapes(annotation, size, tally)];
      byName.set(image, { name: image, ...(size && { size }), shapes });
    }
    return [...byName.values()];
  },
  write(images, dataset) {
    const annotations = images.map(
      ({ name, shapes }): Annotation => ({
        ...{ image: name, annotator: IMPORTED },
        strokes: shapes.flatMap(shapeStrokes),
      }),
    );
    const file = { format: 'gfsr-annotations' as const, version: 1 as const, dataset, annotations };
    return new Map([['annotations.json', serialiseAnnotations(file)]]);
  },
};
