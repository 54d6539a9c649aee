// What a person takes away of a finished training: its run folder, as a zip file or as a folder.

import { useSignal } from '@preact/signals';
import { asFileName } from '../../gfsr/text/file-name.ts';
import { saveFile } from '../save-file.ts';
import type { Trainer } from './trainer.ts';

/** The dialog of the File System Access API; not every browser has it, and TypeScript does not know it. */
type FolderPicker = (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

const folderPicker = (): FolderPicker | undefined =>
  (globalThis as { showDirectoryPicker?: FolderPicker }).showDirectoryPicker;

export function SaveRun({ trainer }: { trainer: Trainer }) {
  const told = useSignal('');
  const name = `${asFileName(trainer.project.dataset.name)}-run`;
  const pick = folderPicker();
  const attempt = async (work: () => Promise<string>) => {
    told.value = 'saving …';
    try {
      told.value = await work();
    } catch (error) {
      const { name: kind, message } = error as Error;
      told.value = kind === 'AbortError' ? '' : `The run is not saved: ${message}`;
    }
  };
  const saveZip = () =>
    attempt(async () => {
      saveFile(`${name}.zip`, await trainer.exportRun());
      return '';
    });
  const saveFolder = (ask: FolderPicker) =>
    attempt(async () => {
      const folder = await ask({ mode: 'readwrite' }); // first: a browser asks only right after a click
      const { writeFolder } = await import('./write-folder.ts');
      const written = await writeFolder(folder, name, await trainer.runFiles());
      return `The run is in ${folder.name}/${written}.`;
    });
  return (
    <>
      <button type="button" onClick={() => void saveZip()}>
        Save the run as a zip file
      </button>
      {pick && (
        <button type="button" onClick={() => void saveFolder(pick)}>
          Save the run as a folder
        </button>
      )}
      <p role="status">{told.value}</p>
      <p class="hint">
        The run holds <code>report.html</code>, which any browser opens and prints, both classifiers
        and all figures.
      </p>
    </>
  );
}
