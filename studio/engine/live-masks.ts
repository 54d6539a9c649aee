// Masks that follow the marks: prepared once per data set, spread after each change, refined when there is time.

import type { Gpu } from '../../engine/core/gpu.ts';
import { correctedLabel } from '../../gfsr/annotation/classes.ts';
import { type AnnotationPlane, decides, MARK } from '../../gfsr/annotation/marks.ts';
import { markPlane } from '../../gfsr/annotation/planes.ts';
import { dataDefaults } from '../../gfsr/data/defaults.ts';
import type { KnownEvidence } from '../../gfsr/masks/evidence.ts';
import { type Suggestion, suggestImages } from '../../gfsr/masks/marking-queue.ts';
import { type MaskOptions, scaledRelevance } from '../../gfsr/masks/masks.ts';
import { type PreparedSegments, prepareSegments, withLabels } from '../../gfsr/masks/prepare.ts';
import {
  finished,
  refineMarks,
  type SpreadMarks,
  type SpreadRelevance,
  spreadMarks,
} from '../../gfsr/masks/spread.ts';
import type { MaskTask } from '../../gfsr/masks/task.ts';
import type { MaskFormat, MaskRequest, MaskView, Preparation } from './mask-calls.ts';
import { changesOf } from './mask-changes.ts';
import { chooseImages } from './shown-images.ts';
import { Tiles } from './tiles.ts';
import type { Workspace } from './workspace.ts';

/** The masks of one data set. */
export class LiveMasks {
  readonly #workspace: Workspace;
  readonly #options: MaskOptions;
  readonly #tiles: Tiles;
  readonly #planes = new Map<number, readonly AnnotationPlane[]>();
  /** Class of each image: as the data says, or as a person has corrected it. */
  readonly #labels: Int32Array;
  #prepared: PreparedSegments | undefined;
  #evidence: KnownEvidence = new WeakMap();
  /** What the present marks say; undefined after they have changed. */
  #spread: SpreadMarks | undefined;
  /** Relevance as masks show it, before the last change and after it. */
  #before: Float32Array | undefined;
  #after: Float32Array | undefined;
  /** What spread from the present marks, refined if that was done. */
  #latest: SpreadRelevance | undefined;
  #mask: Float32Array | undefined;
  #shown: readonly number[] = [];

  constructor(workspace: Workspace) {
    const { name, height, width } = workspace.outline;
    const train = workspace.split('train');
    const { masks } = dataDefaults({ name, height, width, train });
    this.#workspace = workspace;
    this.#labels = train.labels.slice();
    // No classifier is needed: on MSRC objects, appearance predicts left-out marks as well as maps after a warm-up do.
    this.#options = { ...masks, features: 'none', seed: 0 };
    this.#tiles = new Tiles(workspace.outline, train, masks.sigma);
  }

  /** Segments, descriptors and concepts of all training images. Colour, position and size describe a segment. */
  async prepare(task: MaskTask): Promise<Preparation> {
    const { classes, channels, height, width } = this.#workspace.outline;
    const train = { ...this.#workspace.split('train'), labels: this.#labels };
    const dataset = { train, classes: [...classes], channels, height, width };
    this.#spread = undefined;
    this.#evidence = new WeakMap();
    this.#prepared = await prepareSegments(undefined, dataset, this.#options, task);
    return { images: train.count, segments: this.#prepared.segments.rows };
  }

  /** @throws Error before `prepare` is done */
  spread(request: MaskRequest): MaskView | undefined {
    const isChanged = this.#mark(request);
    const { prepared } = this;
    if (!this.#saysSomething()) {
      this.#before = this.#after = this.#latest = this.#mask = undefined;
      return undefined;
    }
    const spread = this.#spreadOnce(prepared);
    if (isChanged) this.#before = this.#after;
    this.#latest = finished(spread);
    this.#after = this.#evident(prepared, this.#latest);
    return this.#view(prepared, request, this.#after, false);
  }

  /** @throws the reason of the task's signal */
  async refine(gpu: Gpu, request: MaskRequest, task: MaskTask): Promise<MaskView | undefined> {
    this.#mark(request);
    const { prepared } = this;
    if (!this.#saysSomething()) return undefined;
    const spread = this.#spreadOnce(prepared);
    const refined = await refineMarks(gpu, prepared, spread, this.#options, task);
    this.#latest = refined;
    const relevance = scaledRelevance(prepared.segments, refined, this.#planes, this.#options);
    return this.#view(prepared, request, relevance, true);
  }

  /** Relevance of all segments as the masks have it; undefined while no mark says what is relevant. */
  get mask(): Float32Array | undefined {
    return this.#mask;
  }

  /** The same of the pixels [H·W] of an image. */
  relevanceOf(image: number): Float32Array | undefined {
    const { segmentations, segments } = this.prepared;
    const own = this.#mask?.subarray(segments.offsets[image], segments.offsets[image + 1]);
    if (!own) return undefined;
    const { labels } = segmentations[image];
    const relevance = new Float32Array(labels.length);
    for (let p = 0; p < labels.length; p++) relevance[p] = own[labels[p]];
    return relevance;
  }

  /** The images that are worth marking next. */
  suggest(count: number): Suggestion[] {
    const options = [this.#planes, this.#latest, this.#options] as const;
    return suggestImages(this.prepared, ...options, { count });
  }

  /**
   * The masks of all images as a file, as the tiles show them.
   *
   * @throws Error while no mark says what is relevant; the reason of the task's signal
   */
  async exported(format: MaskFormat, task: MaskTask): Promise<Uint8Array> {
    const { prepared } = this;
    const relevance = this.#mask;
    if (!relevance) throw new Error('there are no masks yet: no mark says what is relevant.');
    const planes = new Map(this.#planes);
    const masks = { prepared, relevance, planes, sigma: this.#options.sigma };
    const { outline } = this.#workspace;
    const { maskFile } = await import('./mask-files.ts');
    return maskFile(masks, outline, this.#workspace.split('train').ids, format, task);
  }

  /** Segments of all images. @throws Error before `prepare` is done */
  get prepared(): PreparedSegments {
    if (!this.#prepared) throw new Error('the images are not prepared yet.');
    return this.#prepared;
  }

  /** The network that follows a change begins with the same closed form. */
  #spreadOnce(prepared: PreparedSegments): SpreadMarks {
    this.#spread ??= spreadMarks(prepared, this.#planes, this.#options, this.#evidence);
    return this.#spread;
  }

  /** Takes changed strokes. @returns whether there were any */
  #mark({ changes }: MaskRequest): boolean {
    const { classes, height, width } = this.#workspace.outline;
    const { labels: given } = this.#workspace.split('train');
    let isOther = false;
    for (const [image, strokes] of changes) {
      const plane = markPlane([...strokes], height, width);
      if (plane.some((mark) => mark !== MARK.none)) this.#planes.set(image, [plane]);
      else this.#planes.delete(image);
      const said = correctedLabel(strokes, given[image], classes);
      // Training refuses a class that the data does not have; a mask of the image is still worth seeing.
      const label = said < 0 ? given[image] : said;
      isOther ||= label !== this.#labels[image];
      this.#labels[image] = label;
    }
    if (isOther && this.#prepared) this.#prepared = withLabels(this.#prepared, this.#labels);
    if (changes.length > 0) this.#spread = undefined;
    return changes.length > 0;
  }

  /** Whether any mark says more than "cannot say". */
  #saysSomething(): boolean {
    return [...this.#planes.values()].flat().some(decides);
  }

  /**
   * Relevance above what is assumed where no mark says anything, in units of the most relevant places [ours]. A concept
   * that nobody has marked has the mean relevance of all marks, which after one click is more than half of the most.
   */
  #evident(
    { segments }: PreparedSegments,
    { relevance, meanRelevance }: SpreadRelevance,
  ): Float32Array {
    // Loops: a click waits for every segment of the data set, and calls take several times as long.
    const evident = new Float32Array(relevance.length);
    for (let s = 0; s < evident.length; s++) evident[s] = Math.max(0, relevance[s] - meanRelevance);
    const units = { scale: 'peaks', saturation: 1, gamma: 1 } as const;
    return scaledRelevance(segments, { relevance: evident, meanRelevance }, this.#planes, units);
  }

  #view(
    { segmentations, segments: { offsets } }: PreparedSegments,
    { image, count }: MaskRequest,
    relevance: Float32Array,
    isRefined: boolean,
  ): MaskView {
    this.#mask = relevance;
    const after = this.#after ?? relevance;
    const { changes, gained, lost } = changesOf(offsets, this.#before, after, image);
    this.#shown = chooseImages(this.#shown, changes, count, image);
    return {
      ...this.#tiles.size,
      tiles: this.#shown.map((i) => ({
        image: i,
        pixels: this.#tiles.draw(
          i,
          segmentations[i],
          relevance.subarray(offsets[i], offsets[i + 1]),
          this.#planes.get(i),
        ),
      })),
      ...{ gained, lost, isRefined },
    };
  }
}
