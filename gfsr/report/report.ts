// A self-contained page about a run: what was found (in words, figures, curves and pictures), and how it was made.

import { adapterName } from '../../engine/core/adapter.ts';
import type { Config } from '../config/config.ts';
import { portable, withoutFolders } from '../config/portable.ts';
import { SETTINGS, settingValue } from '../config/settings.ts';
import type { Dataset } from '../data/dataset.ts';
import { describeQuality } from '../masks/spread-quality.ts';
import type { Run } from '../store/run.ts';
import { madeWith } from '../store/run-info.ts';
import type { EpochRecord } from '../train/checkpoint.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { lineChart } from './chart.ts';
import type { Example } from './examples.ts';
import { count, describeFinding, mainDuels, percent } from './finding.ts';
import { Html, html } from './html.ts';
import type { ShownConcept } from './mask-pictures.ts';
import { conceptSection } from './report-concepts.ts';
import { galleryOf, heatScale } from './report-gallery.ts';
import { STYLE } from './report-style.ts';
import { ARM_NAMES, publishedTable, resultsTable } from './report-table.ts';

/**
 * Writes `report.html` into the run, from the return values of `writeResults` and `writeMaskPictures`.
 * Returns its path.
 */
export function writeReport(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  examples: readonly Example[],
  concepts: readonly ShownConcept[] = [],
): string {
  const page = renderReport(folder, result, dataset, examples, concepts);
  return folder.write('report.html', page.text);
}

function renderReport(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  examples: readonly Example[],
  concepts: readonly ShownConcept[],
): Html {
  const { headline, details } = describeFinding(result, dataset);
  const { adapter, started } = folder.info;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${headline}</title><style>${new Html(STYLE)}</style></head><body><main>
<header><p class="eyebrow">GFSR · ${dataset.name} · <time datetime="${started}">${started.slice(0, 10)}</time></p>
<h1>${headline}</h1>
<p class="lead">${details.join(' ')}</p>
${duels(result)}
${
  adapter.isSoftware &&
  html`<p class="badge"><b>Software adapter.</b> No GPU was used: the figures hold, the times say nothing about a GPU.</p>`
}</header>
${testGallery(examples)}
<section><h2>Results</h2>
<p class="note">The better figure is bold. ↑ higher is better, ↓ lower. Changes of percentages are in points. ± is half a 95 % interval over images; another seed of the training can change more.</p>
${resultsTable(result)}${publishedTable(dataset.name)}</section>
${curves(folder, result)}
${trainGallery(examples)}
${conceptSection(concepts, dataset.classes)}
${howItWasMade(folder, result, dataset)}
${METHOD}
</main></body></html>
`;
}

function duels(result: ExperimentResult): Html {
  const bar = (arm: Arm, share: number) =>
    html`<dd class="${arm}"><span class="who">${ARM_NAMES[arm]}</span> <span class="track"><span style="width:${(100 * Math.min(1, Math.max(0, share || 0))).toFixed(1)}%"></span></span> <b>${percent(share)}</b></dd>`;
  return html`<div class="duels">${mainDuels(result).map(
    ({ label, plain, guided }) =>
      html`<dl><dt>${label}</dt>${bar('cross-entropy', plain)}${bar('guided', guided)}</dl>`,
  )}</div>`;
}

function testGallery(examples: readonly Example[]): Html | undefined {
  const shown = examples.filter(({ split }) => split === 'test');
  if (shown.length === 0) return undefined;
  return html`<section><h2>Where they look</h2>
<p class="note">Test images: the first few of every class, not picked by result. Saliency is of the true class; every map has its own scale, ${heatScale()}, which the hottest 2 % of it reach.</p>
${galleryOf(shown)}</section>`;
}

function trainGallery(examples: readonly Example[]): Html | undefined {
  const shown = examples.filter(({ split, mask }) => split === 'train' && mask);
  if (shown.length === 0) return undefined;
  return html`<section><h2>What guided it</h2>
<p class="note">Training images with the soft mask that marks what matters there; the first few were annotated, on the others the annotations were spread.</p>
${galleryOf(shown)}</section>`;
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
    { title: 'Cross-entropy, training', lines: lines((r) => r.crossEntropy) },
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
<p class="legend">${ARMS.filter((arm) => arms[arm]).map((arm) => html`<span class="${arm}">${ARM_NAMES[arm]}</span>`)}</p>
<p class="note">By epoch. The warm-up (${shared === 1 ? 'epoch 1' : `epochs 1 to ${shared}`}) is shared. ${keptWeights(config, arms)} ${guidanceNotes(arms)} Validation images carry the shortcuts that training images carry, so a high accuracy there proves little.</p>
<div class="charts">${charts.map((chart) => lineChart({ ...chart, shared }))}</div></section>`;
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

function howItWasMade({ config, info }: Run, { masks, arms }: ExperimentResult, dataset: Dataset) {
  const { adapter, versions, seconds, processor } = info;
  const { train, val, test, classes, channels, height, width, notes } = dataset;
  const shown = portable(config);
  const epochSeconds = ARMS.flatMap((arm) => {
    const last = arms[arm]?.history.at(-1);
    return last ? [`${ARM_NAMES[arm].toLowerCase()} ${last.seconds.toFixed(1)} s`] : [];
  });
  const hashes = Object.entries(madeWith(info))
    .map(([name, hash]) => `${name} ${hash.slice(0, 16)}`)
    .join(', ');
  const facts: [string, string | Html | false][] = [
    [
      'Data',
      `${dataset.name}: ${count(train.count)} train, ${count(val.count)} val, ${count(test.count)} test; ${height}×${width} ${channels === 1 ? 'grey' : 'RGB'}; ${classes.length} classes. ${notes.join(' ')}`,
    ],
    ['Annotations', info.annotations],
    [
      'Masks',
      masks !== undefined &&
        `${count(masks.segments)} segments; mean relevance of labelled segments ${percent(masks.meanRelevance)}; ${masks.height}×${masks.width} pixels${masks.quality ? `; ${describeQuality(masks.quality)}` : ''}`,
    ],
    [
      'Classifier',
      `${config.model.architecture}, saliency ${config.saliency.method} (${config.saliency.sign}) at the ${config.saliency.layer} feature map`,
    ],
    ['Seed', `${config.train.seed}; both arms share initial weights and batches`],
    [
      'Adapter',
      html`${adapterName(adapter)}${adapter.backend && ` (${adapter.backend})`}${adapter.isSoftware && html` <b class="tag">software</b>`}`,
    ],
    ['Machine', `${versions.os}; ${processor}`],
    [
      'Time',
      `${duration(seconds)} in all${epochSeconds.length > 0 ? `; last epoch: ${epochSeconds.join(', ')}` : ''}`,
    ],
    [
      'Versions',
      versions.browser === undefined
        ? `gfsr ${versions.gfsr}, node ${versions.node}, webgpu ${versions.webgpu ?? 'unknown'}`
        : `gfsr ${versions.gfsr}, ${versions.browser}`,
    ],
    ['Made with', hashes],
    ['Command', info.sessions.at(0)?.command ?? false],
    ['Begun', info.started],
  ];
  return html`<section><h2>How it was made</h2><dl class="facts">
${facts.filter(([, fact]) => fact !== false).map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}
</dl><details><summary>All ${SETTINGS.length} settings</summary>
<table class="settings"><tbody>${SETTINGS.map((setting) => {
    const value = settingValue(shown, setting);
    return html`<tr><th scope="row">${setting.path}</th><td>${Array.isArray(value) ? value.join(', ') : String(value)}</td></tr>`;
  })}</tbody></table></details></section>`;
}

const METHOD = html`<section><h2>The method</h2>
<p>A person marks roughly, on a few images, where one should look. Concept clustering spreads the marks into soft, non-binary relevance masks; a
segment-wise relevance network and a mask-guided relevance loss beside cross-entropy then shape the classifier’s saliency step by step during training
<b class="tag">paper</b>. The method section of the paper is not public, so the rest is our choice: segments and their descriptors, k-means and
soft assignment, the estimate of relevance from few marks, the form of network and loss, which saliency is guided, its ramp λ(t), and every
setting here <b class="tag">ours</b>.</p>
<p class="note">Contreras &amp; Bocklitz, <cite>GFSR-Net: Guided Focus via Segment-Wise Relevance Network for Interpretable Deep Learning in Medical
Imaging</cite>, <a href="https://arxiv.org/abs/2510.01919">arXiv 2510.01919</a>, 2025. An independent implementation. Not for clinical use.</p></section>`;

/** 75 → 1 min 15 s. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [h && `${h} h`, m && `${m} min`, `${s} s`].filter(Boolean).join(' ');
}
