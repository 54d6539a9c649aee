// Classes and patients of pictures that come in no folders, typed by a person: they become a manifest.

import { useSignal } from '@preact/signals';
import type { Given } from './given.ts';
import { type LabelRow, manifestText } from './label-rows.ts';
import type { Opening } from './opening.ts';

export function LabelForm(props: {
  readonly opening: Opening;
  readonly given: Given;
  readonly pictures: readonly string[];
}) {
  const { opening, given, pictures } = props;
  const rows = useSignal<readonly LabelRow[]>(
    pictures.map((file) => ({ file, label: '', group: '' })),
  );
  const type = (at: number, change: Partial<LabelRow>) => {
    rows.value = rows.value.map((row, i) => (i === at ? { ...row, ...change } : row));
  };
  const classes = new Set(rows.value.map(({ label }) => label.trim()).filter(Boolean));
  const missing = rows.value.filter(({ label }) => label.trim() === '').length;
  const submit = (event: Event) => {
    event.preventDefault();
    void opening.label(given, manifestText(rows.value));
  };
  return (
    <form onSubmit={submit} aria-labelledby="label-title">
      <h2 id="label-title">Which class is each picture?</h2>
      <p>
        These pictures are in no folder that says it. Type at least two classes. A patient is
        optional: pictures of one patient stay in one split.
      </p>
      <datalist id="known-classes">
        {[...classes].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <table class="labels">
        <thead>
          <tr>
            <th scope="col">Picture</th>
            <th scope="col">Class</th>
            <th scope="col">Patient</th>
          </tr>
        </thead>
        <tbody>
          {rows.value.map(({ file, label, group }, i) => (
            <tr key={file}>
              <th scope="row">{file}</th>
              <td>
                <input
                  aria-label={`class of ${file}`}
                  list="known-classes"
                  value={label}
                  onInput={({ currentTarget }) => type(i, { label: currentTarget.value })}
                />
              </td>
              <td>
                <input
                  aria-label={`patient of ${file}`}
                  value={group}
                  onInput={({ currentTarget }) => type(i, { group: currentTarget.value })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row">
        <button type="submit" disabled={missing > 0 || classes.size < 2}>
          Read the pictures
        </button>
        <button type="button" onClick={() => opening.cancel()}>
          Cancel
        </button>
      </div>
      {missing > 0 && <p class="hint">{missing} pictures have no class yet.</p>}
    </form>
  );
}
