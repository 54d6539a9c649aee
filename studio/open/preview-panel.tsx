// What was read, before it is taken: counts by class and split, sizes, duplicates, and files with faults.

import type { ComponentChildren } from 'preact';
import { counted } from '../words.ts';
import type { Given } from './given.ts';
import type { Preview, Shape } from './messages.ts';
import type { Opening } from './opening.ts';
import { SIDES } from './preview.ts';

/** Rows of a list that are shown. */
const SHOWN = 20;

const FITS: readonly (readonly [Shape['fit'], string])[] = [
  ['pad', 'all of it, with margins'],
  ['crop', 'the middle square'],
  ['resize', 'stretched'],
  ['none', 'as it is'],
];

export function PreviewPanel(props: {
  readonly opening: Opening;
  readonly given: Given;
  readonly preview: Preview;
}) {
  const { opening, given, preview } = props;
  const { name, channels, height, width, sizes, duplicates, faults, notes, groups } = preview;
  const isSquare = height === width;
  return (
    <section aria-labelledby="preview-title" class="preview">
      <h2 id="preview-title">{name}</h2>
      <p>
        {width} × {height} pixels, {channels === 1 ? 'grey' : 'colour'}
        {sizes.length > 0 && `; in the files ${sizes.map(sizeWords).slice(0, 5).join(', ')}`}
        {sizes.length > 5 && ` and ${counted(sizes.length - 5, 'more size', 'more sizes')}`}.
        {groups > 0 &&
          ` ${counted(groups, 'patient or group', 'patients or groups')}, each in one split.`}
      </p>
      <Counts preview={preview} />
      <Listed
        one="file cannot be read and is left out"
        many="files cannot be read and are left out"
        items={faults}
      >
        {({ file, why }) => (
          <>
            <b>{file}</b>: {why}
          </>
        )}
      </Listed>
      <Listed
        one="set of images with the same pixels"
        many="sets of images with the same pixels"
        items={duplicates}
      >
        {(ids) => ids.join(' = ')}
      </Listed>
      <Listed one="note" many="notes" items={notes}>
        {(note) => note}
      </Listed>
      <ShapeForm opening={opening} given={given} shape={preview.shape} />
      {!isSquare && (
        <p class="hint">Training needs squares. These images can be marked, but not trained on.</p>
      )}
      <div class="row">
        <button type="button" class="main" onClick={() => void opening.keep(preview)}>
          Use these images
        </button>
        <button type="button" onClick={() => opening.cancel()}>
          Cancel
        </button>
      </div>
    </section>
  );
}

const sizeWords = ([size, count]: readonly [string, number]): string => `${size} (${count})`;

function Counts({ preview: { classes, counts } }: { preview: Preview }) {
  const hasTest = counts.some(([, , test]) => test > 0);
  const columns = hasTest ? [0, 1, 2] : [0, 1];
  return (
    <table>
      <caption>Images by class</caption>
      <thead>
        <tr>
          <th scope="col">class</th>
          {columns.map((c) => (
            <th key={c} scope="col">
              {['to train', 'to validate', 'to test'][c]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {classes.map((name, i) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {columns.map((c) => (
              <td key={c}>{counts[i][c]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Listed<T>(props: {
  readonly one: string;
  readonly many: string;
  readonly items: readonly T[];
  readonly children: (item: T) => ComponentChildren;
}) {
  const { one, many, items, children } = props;
  if (items.length === 0) return null;
  return (
    <details open>
      <summary>{counted(items.length, one, many)}</summary>
      <ul>
        {items.slice(0, SHOWN).map((item, i) => (
          <li key={i}>{children(item)}</li>
        ))}
        {items.length > SHOWN && <li>and {items.length - SHOWN} more</li>}
      </ul>
    </details>
  );
}

/** How pictures become squares. A change reads them again. */
function ShapeForm(props: {
  readonly opening: Opening;
  readonly given: Given;
  readonly shape: Shape;
}) {
  const { opening, given, shape } = props;
  const change = (next: Partial<Shape>) => {
    const { fit, side } = { ...shape, ...next };
    // A square needs a side.
    const sized = fit === 'none' ? side : side || SIDES[1];
    void opening.reshape(given, { fit, side: sized });
  };
  return (
    <div class="row">
      <label>
        Show
        <select
          value={shape.fit}
          onChange={({ currentTarget }) => change({ fit: currentTarget.value as Shape['fit'] })}
        >
          {FITS.map(([fit, words]) => (
            <option key={fit} value={fit}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        Side in pixels
        <select
          value={String(shape.side)}
          onChange={({ currentTarget }) => change({ side: Number(currentTarget.value) })}
        >
          {shape.fit === 'none' && <option value="0">as in the file</option>}
          {SIDES.map((side) => (
            <option key={side} value={String(side)}>
              {side}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
