// The report: its numbers, its honesty, and that it stands alone and lets no markup through.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConfigChanges, withChanges } from '../../../gfsr/config/config.ts';
import { lineChart } from '../../../gfsr/report/chart.ts';
import { html } from '../../../gfsr/report/html.ts';
import { writeReport } from '../../../gfsr/report/report.ts';
import { writeResults } from '../../../gfsr/report/result-files.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import type { ArmResult, ExperimentResult } from '../../../gfsr/train/experiment.ts';
import { config, context, dataset, result, tempFolder } from './synthetic.ts';

const folder = tempFolder();
let made = 0;

/** The page about a result. */
async function report(
  found: ExperimentResult,
  data = dataset(),
  changes: ConfigChanges = {},
): Promise<string> {
  const changed = withChanges(config, changes);
  const run = RunFolder.create(join(folder, `${made++}`), changed, context(data));
  run.update({ status: 'finished', seconds: 75 });
  const written = await writeResults(run, found, data);
  return readFileSync(await writeReport(run, found, data, written), 'utf8');
}

const page = await report(result({ plain: 0.7, guided: 0.9 }));
const headline = (page: string) =>
  String(page.match(/<h1>(.*)<\/h1>/)?.[1]).replaceAll('\u00a0', ' ');

test('says in one sentence what was found, with its numbers', async () => {
  const better = await report(result({ plain: 0.697, guided: 0.965 }));
  assert.is(
    headline(better),
    'With guidance, the classifier gets 96.5 % right where the shortcut misleads; without, 69.7 %.',
  );
  // The half width is near 1.96 √((303 + 35)/1000 − 0.268²)/√1000 = 3.2 points.
  const [, low, high] =
    better.match(
      /difference is \+26\.8 points \(95 % interval \+(.+?) to \+(.+?), p &#60; 0\.001\) on 1,000 test images/,
    ) ?? [];
  assert.ok(Math.abs(Number(low) - 23.6) < 0.5 && Math.abs(Number(high) - 30) < 0.5, better);
  assert.match(better, /2 of 8 training images/);
});

test('says so where guidance does harm, and where nothing is clear', async () => {
  assert.match(
    headline(await report(result({ plain: 0.9, guided: 0.8 }))),
    /^Guidance did harm: with it, the classifier gets 80\.0 %/,
  );
  assert.match(
    headline(await report(result({ plain: 0.9, guided: 0.91 }))),
    /^No clear difference:/,
  );
});

test('a difference that rests on a few groups is not clear, however many images they have', async () => {
  // The last 50 images are wrong without guidance, none with it.
  const found = result({ plain: 0.93, guided: 0.98 });
  for (const arm of Object.values(found.arms))
    Object.assign(arm.evaluation.test, { conditions: {} });
  const data = dataset();
  const inGroups = (of: number) =>
    report(found, {
      ...data,
      test: { ...data.test, groups: data.test.ids.map((_, i) => `patient ${Math.floor(i / of)}`) },
    });
  const clear = await report(found);
  assert.match(headline(clear), /^With guidance, the classifier gets 100\.0 % right/);
  assert.match(clear, /p &#60; 0\.001\) on 1,000 test images\. /);
  assert.match(clear, /p by McNemar’s exact test/);
  // Of 25 patients, two: of their four swaps, two give a difference as large.
  const patients = await inGroups(40);
  assert.match(headline(patients), /^No clear difference: with guidance, .* 100\.0 % .* 95\.0 %/);
  assert.match(patients, /p = 0\.500\) on 1,000 test images of 25 groups, counted as wholes\. /);
  assert.match(patients, /both draw and swap whole groups/);
  assert.not.match(patients, /McNemar/);
  assert.match(await inGroups(100), /counted one by one: for whole groups, 10 are too few/);
});

test('a shortcut is only claimed where one is known', async () => {
  const planted = result({ plain: 0.9, guided: 0.9 });
  assert.match(await report(planted), /Validation images carry the shortcut/);
  const unplanted = structuredClone(planted);
  for (const each of Object.values(unplanted.arms)) {
    for (const split of [each.evaluation.val, each.evaluation.test]) {
      Object.assign(split, { conditions: {}, shortcut: undefined });
    }
  }
  const page = await report(unplanted);
  assert.not.match(page, /Validation images carry the shortcut/);
  assert.match(page, /If training images carry a shortcut/);
});

test('an arm alone is not compared with anything', async () => {
  const plain = await report(result({ plain: 0.7 }));
  assert.match(headline(plain), /^Without guidance, the classifier gets 70\.0 %/);
  assert.match(plain, /No image was annotated/);
  assert.not.match(plain, /<th[^>]*>Change/);
  assert.not.match(plain, /What guided it/);
  const guided = await report(result({ guided: 0.7 }));
  assert.match(headline(guided), /^With guidance, the classifier gets 70\.0 %/);
  assert.match(guided, /nothing to compare/);
});

test('escapes whatever comes from data', () => {
  assert.not.match(page, /<script/i);
  assert.match(page, /&#60;script&#62;alert\(&#34;ill&#34;\)&#60;\/script&#62;/);
  assert.match(page, /Made &#38; up\./);
});

test('stands alone: pictures inside, nothing fetched, no scripts', () => {
  const sources = [...page.matchAll(/\bsrc="([^"]{0,22})/g)].map(([, source]) => source);
  // Test images and training images, two of which both arms get wrong, and two mistakes of each arm.
  assert.is(sources.length, 3 * 3 + 2 + 2 * 4 + 2 + 2 * 2 * 3);
  assert.ok(sources.every((source) => source === 'data:image/png;base64,'));
  assert.not.match(page, /\b(?:src|href)="(?!data:|https:\/\/arxiv\.org)/);
  assert.not.match(page, /url\(|@import/);
  assert.not.match(page.match(/<style>.*<\/style>/s)?.[0] ?? '&', /&/); // a style sheet knows no entities
});

test('every picture and chart has words, and the badge says that no GPU was used', () => {
  for (const [image] of page.matchAll(/<img[^>]*>/g)) assert.match(image, / alt="[^"]{10}/);
  assert.is(page.match(/role="img" aria-label="/g)?.length, 4 + 3);
  assert.match(page, /Software adapter\./);
  assert.match(page, /9\.8\.7/);
  assert.match(page, /1 min 15 s/);
});

test('the better figure is bold: the lower one where lower is better', () => {
  const text = page.replaceAll('\u00a0', ' ');
  const within = (range: string) => `<small>${range}</small></td>`;
  const accuracy = [within('70.0 to 74.0'), within('90.0 to 94.0')];
  assert.ok(
    text.includes(`<td class="n">72.0 %${accuracy[0]}<td class="n"><b>92.0 %</b>${accuracy[1]}`),
  );
  assert.match(text, /<td class="n good">\+20\.0<small>\+1\d\.\d to \+2\d\.\d, p &#60; 0\.001/);
  const share = [within('69.4 to 70.6'), within('19.4 to 20.6')];
  assert.ok(text.includes(`<td class="n">70.0 %${share[0]}<td class="n"><b>20.0 %</b>${share[1]}`));
  assert.ok(text.includes(within('0.861 to 0.939')), 'AUC');
  assert.match(text, /<td class="n good">−50\.0<\/td>/);
});

test('every table has a caption, and a frame that scrolls can be reached by keys', () => {
  const tables = page.match(/<table\b/g)?.length ?? 0;
  assert.ok(tables > 6);
  assert.is(page.match(/<table class="[^"]*"><caption>[^<]{5}/g)?.length, tables);
  for (const [frame] of page.matchAll(/<div class="wide"[^>]*>/g)) {
    assert.match(frame, /tabindex="0" aria-label="/);
  }
  assert.not.match(page, / title="/);
});

test('classes, curves, data and files are there, and groups where the data names them', async () => {
  for (const words of ['Confusion matrix, with guidance', 'ROC curve', 'mistakes.csv', 'EPG']) {
    assert.ok(page.includes(words), words);
  }
  assert.match(page, /Twice within a split<\/dt><dd>none/);
  assert.not.match(page, /Group by group|Can it be trusted/);
  const data = dataset();
  const groups = data.test.ids.map((_, i) => (i < 5 ? 'small' : `site ${i % 3}`));
  const grouped = await report(result({ plain: 0.7, guided: 0.9 }), {
    ...data,
    test: { ...data.test, groups },
  });
  assert.match(grouped, /The data names 4 groups of test images/);
  assert.match(grouped, /1 group has fewer than 10 images, .* The smallest: small \(5\)/);
  assert.match(grouped, /<th scope="row">site 2<\/th><td class="n">332<\/td>/);
});

test('every table says how saliency was compared with masks, and validation has a table of its own', () => {
  const note =
    'Saliency of 6×6 is upsampled bilinearly (align_corners = false) to the images&#39; 12×12. ' +
    'Masks are taken as they are; IoU cuts the saliency at half of its range. ' +
    'Images with a mask: 1000; left out because the mask is empty: 0.';
  assert.is(page.split(note).length - 1, 2);
  assert.match(page, /The same on validation images/);
  assert.match(page, />Zero everywhere.*?<td class="n">3\.0/s);
});

test('faithfulness and uncertainty are shown and written where they were measured', async () => {
  const mean = { mean: 0.25, sd: 0.1, count: 64, skipped: 0 };
  const found = result({ plain: 0.7, guided: 0.9 });
  const { guided } = found.arms;
  if (!guided) throw new Error('no guided arm');
  const trust = {
    faithfulness: { deletion: mean, insertion: mean, road: mean },
    randomisation: [{ layer: 'conv1', rankCorrelation: mean, ssim: mean }],
  } as unknown as ArmResult['trust'];
  const trusted = await report({ ...found, arms: { ...found.arms, guided: { ...guided, trust } } });
  assert.match(trusted, /Can it be trusted\?/);
  assert.match(trusted, /deletion AUC ↓ \(64 images\)<\/th><td class="n">0\.250/);
  assert.match(trusted, /With guidance: weights randomised from the output down to/);
  assert.match(trusted, /<code>trust\.csv<\/code>/);
});

test('the saliency is the one that was used, and the one that was guided where the loss prescribes another', async () => {
  const saliency = async (changes: ConfigChanges) =>
    (await report(result({ guided: 0.9 }), dataset(), changes)).match(
      /<dt>Saliency<\/dt><dd>(.*?)<\/dd>/,
    )?.[1];
  assert.is(await saliency({}), 'gradcam at layer last, sign relu, target label');
  assert.is(
    await saliency({ saliency: { source: 'input-gradient', sign: 'abs' } }),
    'input-gradient, sign abs, target label',
  );
  assert.is(
    await saliency({ guidance: { loss: 'rrr' } }),
    'gradcam at layer last, sign relu, target label; the loss rrr guides input-gradient, sign signed, target log-probs',
  );
  const own = await saliency({ guidance: { loss: './own.ts' } });
  assert.match(String(own), /guided as \.\/own\.ts prescribes, if it does/);
});

test('a chart copes with one epoch, a constant, and values that are no numbers', () => {
  const draw = (values: (number | undefined)[]) =>
    String(lineChart({ title: 'x', lines: { guided: values }, shared: 1 }) ?? 'nothing');
  assert.is(draw([Number.NaN, undefined]), 'nothing');
  for (const values of [[0.5], [0, 0, 0], [3, 3], [1e-9, 2e9], [1, Number.NaN, 2]]) {
    assert.match(draw(values), /<circle/);
    assert.not.match(draw(values), /NaN|Infinity/);
  }
});

test('templates escape text, join lists and leave out nothing but undefined and false', () => {
  assert.is(
    html`<p title="${`"'&<>`}">${[0, ' ', html`<b>`, undefined, false]}</p>`.text,
    `<p title="&#34;&#39;&#38;&#60;&#62;">0 <b></p>`,
  );
});

test.run();
