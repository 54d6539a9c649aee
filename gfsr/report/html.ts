// HTML as tagged templates. Every value is escaped, unless it is HTML made the same way.

import { visible } from '../text/visible.ts';

/** Text that can be inserted into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Value = Html | string | number | undefined | false | readonly Value[];

/** `html\`<td>${text}</td>\``: escapes text, joins lists, and leaves out undefined and false. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((text, part, i) => text + show(values[i - 1]) + part));
}

function show(value: Value): string {
  if (value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(show).join('');
  return value instanceof Html ? value.text : escapeHtml(String(value));
}

/** For content, and for attributes in either kind of quotes. Nothing invisible turns the text around it. */
function escapeHtml(text: string): string {
  return visible(text, true).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
