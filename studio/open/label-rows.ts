// Typed classes as the manifest that a folder with them would have.

import { formatCsv } from '../../gfsr/text/csv.ts';

/** One picture, its class, and the patient, if any. */
export interface LabelRow {
  readonly file: string;
  readonly label: string;
  readonly group: string;
}

/** Without a patient anywhere, there is no column of patients; a picture without one is then its own. */
export function manifestText(rows: readonly LabelRow[]): string {
  const hasGroups = rows.some(({ group }) => group.trim() !== '');
  const header = hasGroups ? ['file', 'label', 'patient'] : ['file', 'label'];
  const body = rows.map(({ file, label, group }) => {
    const fields = [file, label.trim()];
    return hasGroups ? [...fields, group.trim() || file] : fields;
  });
  return formatCsv([header, ...body]);
}
