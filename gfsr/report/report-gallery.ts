// The pictures in the report: one card per example, with where each arm looks and what it predicts.

import type { Image } from '../image/png.ts';
import { encodePng } from '../image/png-encode.ts';
import type { Turns } from '../machine/long-work.ts';
import { toBase64 } from '../text/base64.ts';
import type { Example } from './examples.ts';
import { percent } from './finding.ts';
import { type Html, html } from './html.ts';
import { heatColour } from './pictures.ts';
import { ARM_NAMES } from './report-table.ts';

/** One card per example: image, mask, and each arm's saliency of the true class; below, of the class it chose. */
export async function galleryOf(examples: readonly Example[], turns: Turns): Promise<Html> {
  const tiles = Math.max(...examples.map(({ mask, arms }) => arms.length + (mask ? 2 : 1)));
  return html`<ul class="gallery tiles-${tiles}">${await turns.map(examples, card)}</ul>`;
}

function card({ split, index, label, image, mask, arms }: Example): Html {
  const name = `${split} image ${index}`;
  const first = mask ? 3 : 2;
  return html`<li class="card" style="--tiles:${first - 1 + arms.length}">
${tile(image, `${name}, class ${label}`, html`<b>${label}</b>`, 'image')}
${mask && tile(mask, `${name} under its soft mask`, html`mask`, 'what matters')}
${arms.map(({ arm, heat, predicted, probability, right }) =>
  tile(
    heat,
    `${name} under the saliency for ${label}, ${ARM_NAMES[arm].toLowerCase()}, which predicts ${predicted}`,
    html`<span class="${right ? 'good' : 'bad'}">${right ? '✓' : '✗'} <b>${predicted}</b></span> <span class="p">${percent(probability)}</span>`,
    `${ARM_NAMES[arm].toLowerCase()}${right ? '' : `: for ${label}`}`,
  ),
)}${arms.map(
  ({ arm, chosenHeat, predicted }, i) =>
    chosenHeat &&
    tile(
      chosenHeat,
      `${name} under the saliency for ${predicted}, ${ARM_NAMES[arm].toLowerCase()}`,
      html``,
      `${ARM_NAMES[arm].toLowerCase()}: for ${predicted}`,
      first + i,
    ),
)}</li>`;
}

/** The surest mistakes of one arm: image, and the saliency of the class that was chosen beside that of the true one. */
export async function mistakesOf(examples: readonly Example[], turns: Turns): Promise<Html> {
  const cards = await turns.map(examples, ({ index, label, image, arms: [view] }) => {
    const name = `test image ${index}`;
    const { heat, chosenHeat = heat, predicted, probability } = view;
    return html`<li class="card" style="--tiles:3">
${tile(image, `${name}, class ${label}`, html`<b>${label}</b>`, 'image')}
${tile(chosenHeat, `${name} under the saliency for ${predicted}, which was chosen`, html`<span class="bad">✗ <b>${predicted}</b></span> <span class="p">${percent(probability)}</span>`, 'chosen')}
${tile(heat, `${name} under the saliency for ${label}, the true class`, html`<b>${label}</b>`, 'true class')}</li>`;
  });
  return html`<ul class="gallery mistakes">${cards}</ul>`;
}

/** @param column where it stands in its card; default: after the tile before it */
export function tile(
  image: Image,
  alt: string,
  caption: Html,
  kind: string,
  column?: number,
): Html {
  const { width, height } = image;
  return html`<figure${column !== undefined && html` style="grid-column:${column}"`}><img src="${dataUri(image)}" alt="${alt}" width="${width}" height="${height}">
<figcaption>${caption}<small>${kind}</small></figcaption></figure>`;
}

/** The colour scale of saliency from none to most, also in words. */
export function heatScale(): Html {
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${heatColour(i / 8)})`);
  return html`from none <span class="scale" style="background:linear-gradient(90deg,${stops.join(',')})"></span> to most`;
}

/** An image as a data URI. */
export const dataUri = (image: Image): string =>
  `data:image/png;base64,${toBase64(encodePng(image))}`;
