// What annotation programs draw, in one form: labelled shapes on named images, in pixels from the top left corner.

import type { Size } from '../../image/placement.ts';
import type { RunLengths } from '../annotations.ts';

/** [x, y]. */
export type Point = readonly [number, number];

/** A labelled shape. */
export type Shape = { readonly label: string } & Outline;

/** Where it is. */
export type Outline =
  /** One object of several parts, each a closed outline. */
  | { readonly kind: 'polygon'; readonly parts: readonly (readonly Point[])[] }
  /** Two opposite corners. */
  | { readonly kind: 'box'; readonly points: readonly [Point, Point] }
  | { readonly kind: 'line'; readonly points: readonly Point[] }
  | { readonly kind: 'points'; readonly points: readonly Point[] }
  | { readonly kind: 'disc'; readonly centre: Point; readonly radius: number }
  /** Of the size of the image, row by row. */
  | { readonly kind: 'mask'; readonly mask: RunLengths };

/** All shapes on one image. */
export interface ShapeImage {
  /** File or id of the image; of a format with a file per image, that file, whose ending is its own. */
  readonly name: string;
  /** [height, width]; absent where the file does not say it. */
  readonly size?: Size;
  readonly shapes: readonly Shape[];
}

/** A file, and its path in the folder that was named. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a reader is told, and whom it tells what it changed. */
export interface ReadContext {
  /** Start of error messages. */
  readonly where: string;
  /** Names of numbered classes, where a file beside the annotations has them. */
  readonly classes: readonly string[];
  readonly tally: Tally;
  /** Size of an image that the annotations do not tell, by the name that they have for it. */
  sizeOf(name: string): Promise<Size | undefined>;
  /** Whether marks on an image are left out, since it is not at hand; absent: none are. */
  isLeftOut?(name: string): boolean;
}

/** A format of annotations. */
export interface ExchangeFormat {
  /** For people. */
  readonly title: string;
  /** Whether it is a folder of files, one per image, or one file. */
  readonly isFolder: boolean;
  /** Whether a file is of this format. */
  recognises(file: SourceFile): boolean;
  /** @throws RangeError for a damaged file */
  read(file: SourceFile, context: ReadContext): Promise<ShapeImage[]> | ShapeImage[];
  /** Contents by file name; of a single file, by any name. */
  write(
    images: readonly SizedImage[],
    name: string,
    tally: Tally,
  ): Map<string, string | Uint8Array>;
}

/** An image whose size is known. */
export type SizedImage = ShapeImage & { readonly size: Size };

/** Counts what could not be kept, to be told in one line each. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** @param what continues "3 ×", such as "shape outside the image, left out" */
  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  /** One sentence each. */
  get lines(): string[] {
    return [...this.#counts].map(([what, count]) => `${count} × ${what}.`);
  }
}

/** The last part of a path or address. */
export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) as string;

/** A file name without its ending, which begins with a letter: the last number of a DICOM UID is none. */
export const withoutEnding = (name: string): string => name.replace(/\.[a-z][^./\\]*$/i, '');

/** Corners of an ellipse, turned clockwise by `degrees` around its centre. */
export function ellipse([cx, cy]: Point, [rx, ry]: Point, degrees = 0): Point[] {
  return Array.from({ length: CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return turned([cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)], [cx, cy], degrees);
  });
}

const CORNERS = 64;

/** A point turned clockwise by `degrees` around another. */
export function turned([x, y]: Point, [cx, cy]: Point, degrees: number): Point {
  if (degrees === 0) return [x, y];
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos];
}

/** The four corners of a box. */
export const corners = ([[x0, y0], [x1, y1]]: readonly [Point, Point]): Point[] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];
