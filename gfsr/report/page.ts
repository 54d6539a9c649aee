// The frame of every report: one self-contained page without scripts, and tables that fit it.

import { Html, html, type Value } from './html.ts';
import { STYLE } from './report-style.ts';

/** @param style added to that of all pages */
export const page = (title: string, body: Html, style = ''): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><style>${new Html(STYLE + style)}</style></head><body><main>
${body}
</main></body></html>
`;

/** Says that times are not those of a GPU. */
export const softwareBadge: Html = html`<p class="badge"><b>Software adapter.</b> No GPU was used: the figures hold, the times say nothing about a GPU.</p>`;

/** A table with a caption. Where it is wider than the page, it scrolls in a frame of its own, with keys too. */
export const wideTable = (className: string, caption: string, rows: Value): Html =>
  html`<div class="wide" role="group" tabindex="0" aria-label="${caption}"><table class="${className}"><caption>${caption}</caption>${rows}</table></div>`;
