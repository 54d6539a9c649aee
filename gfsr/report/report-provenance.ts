// How a run was made: data, marks, classifier, machine, versions and every setting.

import { adapterName } from '../../engine/core/adapter.ts';
import type { Config } from '../config/config.ts';
import type { LossName } from '../config/guidance.ts';
import { portable, withoutFolders } from '../config/portable.ts';
import { SETTINGS, settingValue } from '../config/settings.ts';
import type { Dataset } from '../data/dataset.ts';
import { relevanceLosses } from '../guidance/losses.ts';
import { describeSaliency } from '../guidance/saliency.ts';
import { describeQuality } from '../masks/spread-quality.ts';
import type { Run } from '../store/run.ts';
import { madeWith } from '../store/run-info.ts';
import { ARMS, type ExperimentResult } from '../train/experiment.ts';
import { count, percent } from './finding.ts';
import { type Html, html } from './html.ts';
import { ARM_NAMES } from './report-table.ts';

export function provenance(
  { config, info }: Run,
  { masks, arms }: ExperimentResult,
  dataset: Dataset,
): Html {
  const { adapter, versions, seconds, processor } = info;
  const { train, val, test, classes } = dataset;
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
      `${dataset.name}: ${count(train.count)} train, ${count(val.count)} val, ${count(test.count)} test; ${classes.length} classes`,
    ],
    ['Annotations', info.annotations],
    [
      'Masks',
      masks !== undefined &&
        `${count(masks.segments)} segments; mean relevance of labelled segments ${percent(masks.meanRelevance)}; ${masks.height}×${masks.width} pixels${masks.quality ? `; ${describeQuality(masks.quality)}` : ''}`,
    ],
    ['Classifier', config.model.architecture],
    ['Saliency', shownSaliency(config)],
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
<table class="settings"><caption>Settings of the run</caption><tbody>${SETTINGS.map((setting) => {
    const value = settingValue(shown, setting);
    return html`<tr><th scope="row">${setting.path}</th><td>${Array.isArray(value) ? value.join(', ') : String(value)}</td></tr>`;
  })}</tbody></table></details></section>`;
}

/** The saliency of all pictures and figures, and that which was guided, where the loss prescribes another. */
function shownSaliency({ saliency, guidance: { loss } }: Config): string {
  const shown = describeSaliency(saliency);
  if (!Object.hasOwn(relevanceLosses, loss)) {
    return `${shown}; guided as ${withoutFolders(loss)} prescribes, if it does`;
  }
  const guided = describeSaliency({ ...saliency, ...relevanceLosses[loss as LossName].saliency });
  return guided === shown ? shown : `${shown}; the loss ${loss} guides ${guided}`;
}

/** 75 → 1 min 15 s. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [h && `${h} h`, m && `${m} min`, `${s} s`].filter(Boolean).join(' ');
}
