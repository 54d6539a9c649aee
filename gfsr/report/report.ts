// A self-contained page about a run: what was found (in words, figures, curves and pictures), and how it was made.

import type { Config } from '../config/config.ts';
import { withoutFolders } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import { Turns } from '../machine/long-work.ts';
import type { Run } from '../store/run.ts';
import type { EpochRecord } from '../train/checkpoint.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { lineChart } from './chart.ts';
import { drawMistakes, type Example } from './examples.ts';
import { describeFinding, mainDuels, percent } from './finding.ts';
import { type Html, html } from './html.ts';
import type { ShownConcept } from './mask-pictures.ts';
import { page, softwareBadge } from './page.ts';
import { classSection, groupSection } from './report-classes.ts';
import { conceptSection } from './report-concepts.ts';
import { curveSection } from './report-curves.ts';
import { dataSection, filesSection } from './report-data.ts';
import { galleryOf, heatScale, mistakesOf } from './report-gallery.ts';
import { provenance } from './report-provenance.ts';
import { ARM_NAMES, legend, publishedTable, resultsTable } from './report-table.ts';
import { trustSection } from './report-trust.ts';
import type { WrittenResults } from './result-files.ts';

/**
 * Writes `report.html` into the run, from the return values of `writeResults` and `writeMaskPictures`.
 * Returns its path.
 *
 * @throws the reason of the signal if it is aborted meanwhile
 */
export async function writeReport(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  written: WrittenResults,
  concepts: readonly ShownConcept[] = [],
  signal?: AbortSignal,
): Promise<string> {
  const report = await renderReport(folder, result, dataset, written, concepts, new Turns(signal));
  return folder.write('report.html', report.text);
}

async function renderReport(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  { examples, analysis, files }: WrittenResults,
  concepts: readonly ShownConcept[],
  turns: Turns,
): Promise<Html> {
  const { headline, details } = describeFinding(result, dataset, analysis);
  const { adapter, started } = folder.info;
  return page(
    headline,
    html`<header><p class="eyebrow">GFSR · ${dataset.name} · <time datetime="${started}">${started.slice(0, 10)}</time></p>
<h1>${headline}</h1>
<p class="lead">${details.join(' ')}</p>
${duels(result)}
${adapter.isSoftware && softwareBadge}</header>
${await testGallery(examples, turns)}
<section><h2>Results</h2>
<p class="note">The better figure is bold. ↑ higher is better, ↓ lower. Changes of percentages are in points. Below a figure stands its 95 % interval over ${analysis.units.kind === 'groups' ? 'groups of images, each counted as a whole' : 'images'}; below a change that on the same images (paired bootstrap) and, for accuracies, p by ${analysis.units.kind === 'groups' ? 'an exact permutation test; both draw and swap whole groups' : 'McNemar’s exact test'}. Another seed of the training can change more.</p>
${resultsTable(result, analysis)}${READING}${publishedTable(dataset.name)}</section>
${classSection(analysis, dataset)}
${curveSection(analysis, result, dataset)}
${await mistakeGallery(result, dataset, turns)}
${groupSection(analysis, dataset)}
${trustSection(result)}
${curves(folder, result)}
${await trainGallery(examples, turns)}
${await conceptSection(concepts, dataset.classes, turns)}
${dataSection(dataset)}
${provenance(folder, result, dataset)}
${filesSection(files)}
${METHOD}`,
  );
}

/** What the figures mean, for people who do not work with them every day. */
const READING = html`<h3>What the figures mean</h3>
<p><b>Saliency</b> is the map of what the classifier’s decision rests on: bright places spoke for the class. <b>EPG</b> (energy pointing game) is the share of all saliency that lies on the region that matters, its mask: at 100 % nothing else played a part. A large mask catches much by chance, so <b>EPG − share of the area</b> subtracts what saliency spread evenly over the image would reach; 0 is no better than that.</p>
<p><b>AUC</b> is the chance that an image of a class is given a higher probability for it than an image of another class: 0.5 is guessing, 1 is perfect. <b>Macro</b> means averaged over classes, so that rare ones count as much as frequent ones. The <b>calibration error</b> is how far confidence and accuracy are apart.</p>`;

function duels(result: ExperimentResult): Html {
  const bar = (arm: Arm, share: number) =>
    html`<dd class="${arm}"><span class="who">${ARM_NAMES[arm]}</span> <span class="track"><span style="width:${(100 * Math.min(1, Math.max(0, share || 0))).toFixed(1)}%"></span></span> <b>${percent(share)}</b></dd>`;
  return html`<div class="duels">${mainDuels(result).map(
    ({ label, plain, guided }) =>
      html`<dl><dt>${label}</dt>${bar('cross-entropy', plain)}${bar('guided', guided)}</dl>`,
  )}</div>`;
}

async function testGallery(examples: readonly Example[], turns: Turns): Promise<Html | undefined> {
  const shown = examples.filter(({ split }) => split === 'test');
  if (shown.length === 0) return undefined;
  return html`<section><h2>Where they look</h2>
<p class="note">Test images: the first few of every class, not picked by result. Saliency is of the true class; where a classifier chose another class, the saliency of that class stands below. Every map has its own scale, ${heatScale()}, which the hottest 2 % of it reach. On paper, six are shown.</p>
${await galleryOf(shown, turns)}</section>`;
}

async function mistakeGallery(
  result: ExperimentResult,
  dataset: Dataset,
  turns: Turns,
): Promise<Html | undefined> {
  const drawn = await drawMistakes(result, dataset, turns);
  const mistakes = drawn.filter(({ examples }) => examples.length > 0);
  if (mistakes.length === 0) return undefined;
  return html`<section><h2>The surest mistakes</h2>
<p class="note">Test images that each classifier got wrong with the highest probability: what spoke for the class that it chose, beside what spoke for the true one.</p>
${await turns.map(mistakes, async ({ arm, examples }) => html`<h3 class="${arm}">${ARM_NAMES[arm]}</h3>${await mistakesOf(examples, turns)}`)}</section>`;
}

async function trainGallery(examples: readonly Example[], turns: Turns): Promise<Html | undefined> {
  const shown = examples.filter(({ split, mask }) => split === 'train' && mask);
  if (shown.length === 0) return undefined;
  return html`<section><h2>What guided it</h2>
<p class="note">Training images with the soft mask that marks what matters there; the first few were annotated, on the others the annotations were spread. On paper, four are shown.</p>
${await galleryOf(shown, turns)}</section>`;
}

function curves({ config }: Run, { arms }: ExperimentResult): Html {
  const lines = (value: (record: EpochRecord) => number | undefined) =>
    Object.fromEntries(
      ARMS.flatMap((arm) => {
        const history = arms[arm]?.history;
        return history && history.length > 0 ? [[arm, history.map(value)]] : [];
      }),
    );
  const shared = config.guidance.warmupEpochs;
  const guided = ({ epoch }: EpochRecord) => epoch >= shared;
  const { guided: guidedLine } = lines((r) => (guided(r) ? r.relevance : undefined));
  const { guided: lambdaLine } = lines((r) => r.lambda);
  const charts = [
    { title: 'Classification loss (cross-entropy), training', lines: lines((r) => r.crossEntropy) },
    { title: 'Accuracy, validation', lines: lines((r) => r.valAccuracy), percent: true },
    ...(guidedLine
      ? [
          {
            title: `Relevance loss (${withoutFolders(config.guidance.loss)}), training`,
            lines: { guided: guidedLine },
          },
        ]
      : []),
    ...(lambdaLine
      ? [{ title: 'Weight of the relevance loss, λ', lines: { guided: lambdaLine } }]
      : []),
  ];
  return html`<section><h2>Training</h2>
${legend(ARMS.filter((arm) => arms[arm]))}
<p class="note">By epoch. The warm-up (${shared === 1 ? 'epoch 1' : `epochs 1 to ${shared}`}) is shared. ${keptWeights(config, arms)} ${guidanceNotes(arms)} ${validationNote(arms)}</p>
<div class="charts">${charts.map((chart) => lineChart({ ...chart, shared }))}</div></section>`;
}

/** What a high accuracy on validation images proves. Conditions are measured only where a shortcut is known. */
function validationNote(arms: ExperimentResult['arms']): string {
  const isKnown = ARMS.some((arm) => arms[arm]?.evaluation.test.conditions.misleading);
  return isKnown
    ? 'Validation images carry the shortcut that training images carry, so a high accuracy there proves little.'
    : 'If training images carry a shortcut that nobody knows of, validation images carry it too: a high accuracy there does not rule it out.';
}

/** What guidance decided by itself. */
const guidanceNotes = ({ guided }: ExperimentResult['arms']): string =>
  (guided?.history ?? [])
    .flatMap(({ note }) => (note ? [`${note[0].toUpperCase()}${note.slice(1)}`] : []))
    .join(' ');

/** Whose weights were measured, if not those of the last epoch. */
function keptWeights({ train }: Config, arms: ExperimentResult['arms']): string {
  if (train.selection === 'last') return '';
  const kept = ARMS.flatMap((arm) => {
    const { epoch, history } = arms[arm] ?? {};
    return epoch === undefined
      ? []
      : [`${ARM_NAMES[arm].toLowerCase()} epoch ${epoch + 1} of ${history?.length}`];
  });
  return `The weights that were measured are the best by validation ${train.criterion}: ${kept.join(', ')}.`;
}

const METHOD = html`<section><h2>The method</h2>
<p>A person marks roughly, on a few images, where one should look. Concept clustering spreads the marks into soft, non-binary relevance masks; a
segment-wise relevance network and a mask-guided relevance loss beside cross-entropy then shape the classifier’s saliency step by step during training
<b class="tag">paper</b>. The method section of the paper is not public, so the rest is our choice: segments and their descriptors, k-means and
soft assignment, the estimate of relevance from few marks, the form of network and loss, which saliency is guided, its ramp λ(t), and every
setting here <b class="tag">ours</b>.</p>
<p class="note">Contreras &amp; Bocklitz, <cite>GFSR-Net: Guided Focus via Segment-Wise Relevance Network for Interpretable Deep Learning in Medical
Imaging</cite>, <a href="https://arxiv.org/abs/2510.01919">arXiv 2510.01919</a>, 2025. An independent implementation. Not for clinical use.</p></section>`;
