// The page: click on digits, train without and with guidance, and see where the classifier looks.

import { createBrowserDevice } from '../engine/browser.ts';
import { adapterName } from '../engine/core/adapter.ts';
import { Gpu } from '../engine/core/gpu.ts';
import type { Stroke } from '../gfsr/annotation/annotations.ts';
import { markPlane } from '../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../gfsr/annotation/simulate.ts';
import { withChanges } from '../gfsr/config/config.ts';
import { imageAt, mapSplits, type Split, subset } from '../gfsr/data/dataset.ts';
import { type DecoyDataset, decoyMnist } from '../gfsr/data/decoy-mnist.ts';
import { dataDefaults } from '../gfsr/data/defaults.ts';
import type { Evaluation } from '../gfsr/evaluation/evaluate.ts';
import { rowAt } from '../gfsr/image/rows.ts';
import {
  type ExperimentResult,
  InterruptedError,
  runExperiment,
} from '../gfsr/train/experiment.ts';
import { type Curve, digitCanvas, drawCurves, drawDigit, drawMap } from './drawing.ts';
import { twentySteps } from './twenty-steps.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;
/** Digits offered for marking: the first of the training set, so that every choice of size has them. */
const OFFERED = 36;

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const say = (id: string, text: string) => {
  element(id).textContent = text;
};

async function openGpu(): Promise<Gpu> {
  const { device, wait, info } = await createBrowserDevice();
  say(
    'adapter',
    `${adapterName(info)}${info.isSoftware ? ' — a software adapter: results are right, but slow. Choose 200 images and 2 epochs.' : ''}`,
  );
  return new Gpu(device, { wait });
}

async function loadDigits(): Promise<DecoyDataset> {
  const bytes = new Uint8Array(await (await fetch('/digits.bin')).arrayBuffer());
  const count = bytes.length / (AREA + 1);
  const digits = { images: bytes.subarray(0, count * AREA), labels: bytes.subarray(count * AREA) };
  return decoyMnist(digits, { seed: 0 });
}

/** The digits to click on; returns what is marked. */
function markingBoard({ train, ...dataset }: DecoyDataset): () => Map<number, Uint8Array[]> {
  const strokes = new Map<number, Stroke[]>();
  const plane = (i: number) => markPlane(strokes.get(i) ?? [], SIDE, SIDE);
  const pixels = (i: number) => imageAt(train, i);
  const board = element('digits');
  const canvases = Array.from({ length: OFFERED }, (_, i) => {
    const canvas = digitCanvas(`training digit ${i}, a ${train.labels[i]}; click on its ink`);
    canvas.addEventListener('click', ({ offsetX, offsetY }) => {
      const scale = SIDE / canvas.clientWidth;
      mark(i, { kind: 'click', sign: 'positive', points: [[offsetX * scale, offsetY * scale]] });
    });
    board.append(canvas);
    return canvas;
  });
  const show = () => {
    canvases.forEach((canvas, i) => {
      drawDigit(canvas, pixels(i), plane(i));
    });
    say('marked', strokes.size === 0 ? 'nothing marked yet' : `${strokes.size} digits marked`);
    element<HTMLButtonElement>('start').disabled = strokes.size === 0;
  };
  const mark = (i: number, stroke: Stroke) => {
    strokes.set(i, [...(strokes.get(i) ?? []), stroke]);
    show();
  };
  element('clear').addEventListener('click', () => {
    strokes.clear();
    show();
  });
  element('simulate').addEventListener('click', () => {
    const offered = {
      ...dataset,
      train: subset(
        train,
        Array.from({ length: OFFERED }, (_, i) => i),
      ),
    };
    const { annotations } = simulateAnnotations(offered, { fraction: 1 });
    for (const { image, strokes: drawn } of annotations) {
      const i = typeof image === 'number' ? image : offered.train.ids.indexOf(image);
      if (!strokes.has(i)) strokes.set(i, drawn);
    }
    show();
  });
  show();
  return () => new Map([...strokes.keys()].map((i) => [i, [plane(i)]]));
}

/** The first `count` images of every split, or all of a smaller one. */
function shrink(dataset: DecoyDataset, count: number): DecoyDataset {
  const first = (split: Split) =>
    subset(
      split,
      Uint32Array.from({ length: Math.min(count, split.count) }, (_, i) => i),
    );
  return mapSplits(dataset, first);
}

async function train(
  gpu: Gpu,
  whole: DecoyDataset,
  annotations: Map<number, Uint8Array[]>,
): Promise<void> {
  const chosen = (id: string) => Number(element<HTMLSelectElement>(id).value);
  const dataset = shrink(whole, chosen('count'));
  const config = withChanges(dataDefaults(dataset), { train: { epochs: chosen('epochs') } });
  const stop = new AbortController();
  element('stop').onclick = () => stop.abort();
  const curves: Record<string, [number, number][]> = {
    'warm-start': [],
    'cross-entropy': [],
    guided: [],
  };
  const colors: Record<string, string> = {
    'warm-start': '--plain',
    'cross-entropy': '--plain',
    guided: '--guided',
  };
  try {
    const result = await runExperiment(gpu, {
      dataset,
      config,
      annotations,
      signal: stop.signal,
      onStage: (text) => say('status', text),
      onStep: ({ step, total, crossEntropy }, arm) => {
        curves[arm].push([step, crossEntropy]);
        element<HTMLProgressElement>('progress').value = step / total;
        if (step % 4 !== 0) return;
        const lines: Curve[] = Object.entries(curves).map(([name, points]) => ({
          color: colors[name],
          points,
        }));
        drawCurves(element('chart'), lines, total);
      },
    });
    showResults(result, dataset);
    say('status', 'done');
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    say('status', error.message);
  }
}

function showResults({ arms, examples }: ExperimentResult, { test }: DecoyDataset): void {
  const shown = Object.entries(arms);
  const rows: [string, (e: Evaluation) => number | undefined][] = [
    ['accuracy, shade at random', (e) => e.test.accuracy],
    ['accuracy, shade misleading', (e) => e.test.conditions.misleading?.accuracy],
    ['accuracy, no square', (e) => e.test.conditions.absent?.accuracy],
    ['saliency on the square', (e) => e.test.shortcut?.share.mean],
  ];
  const table = document.createElement('table');
  const head = table.insertRow();
  head.append(document.createElement('th'), ...shown.map(([arm]) => cell(arm)));
  for (const [label, value] of rows) {
    const row = table.insertRow();
    const name = document.createElement('th');
    name.textContent = label;
    row.append(name, ...shown.map(([, arm]) => cell(value(arm.evaluation)?.toFixed(3) ?? '–')));
  }
  element('results').replaceChildren(table);
  element('maps').replaceChildren(
    ...examples.test.map((image, position) => {
      const figure = document.createElement('figure');
      const pixels = imageAt(test, image);
      const digit = digitCanvas(`test digit ${image}, a ${test.labels[image]}`);
      drawDigit(digit, pixels);
      const maps = shown.map(([arm, { examples: explained }]) => {
        const { maps: all, height, width } = explained.test;
        const canvas = digitCanvas(`saliency of test digit ${image}, ${arm}`);
        drawMap(canvas, pixels, rowAt(all, position, height * width));
        return canvas;
      });
      const captions = ['image', ...shown.map(([arm]) => arm)].map((text) => {
        const caption = document.createElement('span');
        caption.textContent = text;
        return caption;
      });
      figure.append(digit, ...maps, ...captions);
      return figure;
    }),
  );
}

function cell(text: string): HTMLTableCellElement {
  const td = document.createElement('td');
  td.textContent = text;
  return td;
}

async function start(): Promise<void> {
  const gpu = await openGpu();
  // The tests call this from outside: the same steps on every platform.
  Object.assign(globalThis, { twentySteps: () => twentySteps(gpu) });
  const dataset = await loadDigits();
  const marks = markingBoard(dataset);
  const buttons = ['simulate', 'clear'].map((id) => element<HTMLButtonElement>(id));
  for (const button of buttons) button.disabled = false;
  const [go, stop] = [element<HTMLButtonElement>('start'), element<HTMLButtonElement>('stop')];
  go.addEventListener('click', async () => {
    go.disabled = true;
    stop.disabled = false;
    try {
      await train(gpu, dataset, marks());
    } catch (error) {
      say('status', (error as Error).message);
    }
    go.disabled = false;
    stop.disabled = true;
  });
}

start().catch((error: Error) => say('adapter', error.message));
