// The state of the marking page and everything that a person can do on it, apart from how it looks.

import { batch, effect, signal } from '@preact/signals';
import type { Stroke, StrokeKind, StrokeSign } from '../../gfsr/annotation/annotations.ts';
import { inTurn } from '../in-turn.ts';
import { FULL, Pictures } from '../pictures.ts';
import type { MarkedDataset, Place, Project } from '../storage/project.ts';
import { ImageClasses } from './classes.ts';
import {
  type Action,
  byClass,
  type Keys,
  type MarkAction,
  ON_PICTURE,
  ON_SEGMENTS,
  parseKeys,
  rebind,
} from './keys.ts';
import { Marks } from './marks.ts';
import { Course } from './order.ts';
import { type View, WHOLE } from './painting.ts';
import type { Direction } from './segment-map.ts';
import { segmentWords } from './segment-words.ts';
import { Segmenter } from './segmenter.ts';
import { ShownImage } from './shown-image.ts';
import {
  backOf,
  eraseAt,
  eraseSegment,
  inWords,
  isMarked,
  isOnImage,
  planeStroke,
  shapeStroke,
  toggleNothing,
  toggleSegment,
} from './strokes.ts';

export type Tool = 'segment' | 'scribble' | 'box' | 'polygon' | 'eraser';

const FINEST = 8;

/** One person marking one data set. */
export class Desk {
  readonly project: Project;
  readonly dataset: MarkedDataset;
  readonly pictures: Pictures;
  readonly marks: Marks;
  readonly classes: ImageClasses;
  readonly image = signal(0);
  readonly shown: ShownImage;
  readonly tool = signal<Tool>('segment');
  readonly sign = signal<StrokeSign>('positive');
  readonly view = signal<View>(WHOLE);
  readonly showContours = signal(true);
  readonly showMarks = signal(true);
  /** Masks on other images. */
  readonly showMasks = signal(true);
  readonly showClass = signal(true);
  readonly showHelp = signal(false);
  /** Of the pixels of the image, as masks have it before they are blurred; undefined while nobody knows. */
  readonly relevance = signal<Float32Array | undefined>(undefined);
  /** What screen readers say. */
  readonly spoken = signal('');
  readonly keys = signal<Keys>(parseKeys(localStorage.getItem('gfsr-keys')));
  readonly course: Course;
  readonly #segmenter: Segmenter;
  /** What was asked for before the image was seen, or before its segments were known. */
  readonly #waiting: MarkAction[] = [];

  /**
   * @param asked image to begin with, if there is such an image
   * @param place where the person was last
   */
  constructor(project: Project, asked?: number, place?: Place) {
    const { dataset } = project;
    this.project = project;
    this.dataset = dataset;
    this.pictures = new Pictures(project);
    this.marks = new Marks(project);
    this.classes = new ImageClasses(dataset, this.marks);
    this.course = new Course(this.classes.labels, this.image);
    this.#segmenter = new Segmenter(dataset, this.pictures);
    const last = this.has(place?.image) ? place : undefined;
    this.image.value = this.has(asked) ? asked : (last?.image ?? this.course.images.value[0]);
    if (last?.image === this.image.value) {
      this.view.value = { zoom: last.zoom, center: last.center };
    }
    effect(() => void project.keepPlace({ image: this.image.value, ...this.view.value }));
    this.shown = new ShownImage(this.image, {
      ...{ pictures: this.pictures, segmenter: this.#segmenter },
      onSegments: () => this.#begin(),
      onFailure: ({ message }) => {
        this.#waiting.length = 0;
        this.spoken.value = `this image cannot be loaded: ${message}`;
      },
    });
    this.shown.picture.subscribe((picture) => {
      if (picture) this.#work();
    });
  }

  /** Ends its work; another tab may write then. */
  close(): void {
    this.#segmenter.close();
    this.project.close();
  }

  get size(): readonly [number, number] {
    return [this.dataset.height, this.dataset.width];
  }

  has(image: number | undefined): image is number {
    return image !== undefined && image in this.dataset.ids;
  }

  /** Shows an image: all of it, in the grey levels of its file. */
  go(image: number): void {
    batch(() => {
      this.image.value = image;
      this.view.value = WHOLE;
      this.shown.levels.value = FULL;
    });
    const label = this.showClass.value ? `, ${this.classes.of(image)}` : '';
    this.spoken.value = this.course.inWords(`${label}, ${inWords(this.marks.latest(image))}`);
  }

  /** Adds a stroke of the chosen sign, if it is on the image and that is there to be seen. */
  draw(kind: StrokeKind, points: readonly (readonly [number, number])[]): void {
    if (!this.shown.picture.value || !isOnImage(points, this.size)) return;
    const stroke = shapeStroke(kind, points, this.size, this.sign.value);
    this.#edit((strokes) => [...strokes, stroke]);
  }

  /** Marks the segment at the cursor with a sign, or takes the same mark off. */
  markSegment(sign: StrokeSign): void {
    const stroke = this.#cursorStroke(sign);
    if (!stroke) return;
    this.sign.value = sign;
    this.#edit((strokes) => toggleSegment(strokes, stroke, this.#back));
    this.#speakSegment();
  }

  /** Takes away what a click of the eraser hits. */
  eraseAt(point: readonly [number, number]): void {
    if (!this.shown.picture.value) return;
    this.#edit((strokes) => eraseAt(strokes, point, this.size));
  }

  /** The pointer or the keyboard is at another segment. */
  moveTo(segment: number): void {
    this.shown.cursor.value = segment;
    this.#speakSegment();
  }

  setKey(action: Action, key: string): void {
    this.keys.value = rebind(this.keys.value, action, key);
    localStorage.setItem('gfsr-keys', JSON.stringify(this.keys.value));
  }

  zoom(factor: number): void {
    const { zoom, center } = this.view.value;
    const next = Math.min(Math.max(zoom * factor, 1), 32);
    this.view.value = next === 1 ? WHOLE : { zoom: next, center };
  }

  /** Does what a key or button stands for, in the order of the calls: once what it needs of the image is there. */
  act(action: MarkAction): void {
    this.#waiting.push(action);
    this.#work();
  }

  /** Does what was waiting for the segments, and prepares those of the next image. */
  #begin(): void {
    this.#work();
    const next = this.course.images.peek()[this.course.position.peek() + 1];
    if (next !== undefined) void this.#segmenter.segments(next, this.shown.finer.peek());
  }

  #work(): void {
    const [next] = this.#waiting;
    if (next === undefined || this.#mustWait(next)) return;
    this.#waiting.shift();
    this.#perform(next);
    if (this.#waiting.length > 0) void inTurn(() => this.#work()); // many may have waited
  }

  #mustWait(action: MarkAction): boolean {
    const { picture, segments } = this.shown;
    return (
      (ON_SEGMENTS.has(action) && !segments.value) || (ON_PICTURE.has(action) && !picture.value)
    );
  }

  #perform(action: MarkAction): void {
    const move = (direction: Direction) => {
      const { segments, cursor } = this.shown;
      const { value: map } = segments;
      if (map) this.moveTo(map.neighbour(Math.min(cursor.value, map.count - 1), direction));
    };
    const choose = (tool: Tool) => {
      this.tool.value = tool;
      this.spoken.value = `tool: ${tool}`;
    };
    const flip = (flag: { value: boolean }) => {
      flag.value = !flag.value;
    };
    const back = (image = this.image.value) =>
      image === this.image.value ? this.#speakMarks() : this.go(image);
    const resize = (factor: number) => {
      const { finer } = this.shown;
      finer.value = Math.min(Math.max(finer.value * factor, 1 / FINEST), FINEST);
    };
    const actions: Readonly<Record<MarkAction, () => void>> = {
      look: () => this.markSegment('positive'),
      avoid: () => this.markSegment('negative'),
      unknown: () => this.markSegment('unknown'),
      nothing: () => this.#toggleNothing(),
      erase: () => this.#eraseSegment(),
      left: () => move('left'),
      right: () => move('right'),
      up: () => move('up'),
      down: () => move('down'),
      next: () => this.#step(1),
      previous: () => this.#step(-1),
      confirm: () => this.#nextUnmarked(),
      segmentTool: () => choose('segment'),
      scribbleTool: () => choose('scribble'),
      boxTool: () => choose('box'),
      polygonTool: () => choose('polygon'),
      eraserTool: () => choose('eraser'),
      undo: () => back(this.marks.undo()),
      redo: () => back(this.marks.redo()),
      zoomIn: () => this.zoom(1.5),
      zoomOut: () => this.zoom(1 / 1.5),
      zoomFit: () => this.zoom(0),
      finer: () => resize(2),
      coarser: () => resize(0.5),
      contours: () => flip(this.showContours),
      marks: () => flip(this.showMarks),
      masks: () => flip(this.showMasks),
      window: () => void this.shown.spreadLevels(),
      blind: () => flip(this.showClass),
      help: () => flip(this.showHelp),
      ...byClass((digit) => {
        this.spoken.value = this.classes.setByDigit(this.image.value, digit);
      }),
    };
    actions[action]();
  }

  #edit(change: (strokes: readonly Stroke[]) => readonly Stroke[]): void {
    const { value: image } = this.image;
    this.marks.change(image, change(this.marks.latest(image)));
  }

  #step(by: number): void {
    const next = this.course.images.value[this.course.position.value + by];
    if (next !== undefined) this.go(next);
    else this.spoken.value = by > 0 ? 'this is the last image' : 'this is the first image';
  }

  #nextUnmarked(): void {
    const next = this.course.next((image) => !isMarked(this.marks.latest(image)));
    if (next !== undefined) this.go(next);
    else this.spoken.value = 'every image is marked';
  }

  #toggleNothing(): void {
    this.#edit(toggleNothing);
    this.#speakMarks();
  }

  #speakMarks(): void {
    this.spoken.value = inWords(this.marks.latest(this.image.value));
  }

  #eraseSegment(): void {
    const stroke = this.#cursorStroke('unknown');
    if (stroke) this.#edit((strokes) => eraseSegment(strokes, stroke, this.#back));
    this.#speakSegment();
  }

  get #back() {
    return backOf(this.dataset, this.image.value);
  }

  #cursorStroke(sign: StrokeSign): Stroke | undefined {
    const { segments, cursor } = this.shown;
    return segments.value && planeStroke(segments.value.plane(cursor.value), this.size, sign);
  }

  #speakSegment(): void {
    const { segments, cursor } = this.shown;
    if (!segments.value) return;
    const strokes = this.marks.latest(this.image.value);
    this.spoken.value = segmentWords(segments.value, cursor.value, strokes, this.relevance.value);
  }
}
