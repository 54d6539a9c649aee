// Marks as files: those of other programs come in, and all marks go out in the format that a person needs.

import { useSignal } from '@preact/signals';
import { fileOpen, fileSave } from 'browser-fs-access';
import { useEffect } from 'preact/hooks';
import type { Desk } from '../mark/desk.ts';
import type { BrowserProject } from '../storage/browser-project.ts';
import { MANIFEST } from '../storage/private-files.ts';
import type { ExportedFile, MarkFormat } from './messages.ts';
import type { Opening } from './opening.ts';
import { PersonForm } from './person-form.tsx';

const FORMATS: readonly (readonly [MarkFormat, string])[] = [
  ['gfsr', 'annotations.json of GFSR'],
  ['labelme', 'labelme'],
  ['coco', 'COCO'],
  ['cvat', 'CVAT XML'],
  ['label-studio', 'Label Studio'],
  ['yolo', 'YOLO'],
  ['masks', 'masks as PNG'],
  ['npz', 'marks as npz'],
];

const ANNOTATION_ENDINGS = ['.json', '.xml', '.txt', '.png'];

interface FilesPanelProps {
  readonly opening: Opening;
  readonly desk: Desk;
  readonly project: BrowserProject;
}

export function FilesPanel({ opening, desk, project }: FilesPanelProps) {
  const format = useSignal<MarkFormat>('gfsr');
  const told = useSignal<readonly string[]>([]);
  const attempt = async (work: () => Promise<readonly string[]>) => {
    told.value = [];
    try {
      told.value = await work();
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'AbortError') told.value = [message];
    }
  };
  const save = (made: () => Promise<ExportedFile>) =>
    attempt(async () => {
      const { name, bytes, notes } = await made();
      const content = new Blob([bytes as BlobPart], { type: 'application/octet-stream' });
      await fileSave(content, { fileName: name });
      return [`${name} is saved.`, ...notes];
    });
  const hasManifest = useSignal(false);
  useEffect(() => {
    void project.files.names().then((names) => {
      hasManifest.value = names.includes(MANIFEST);
    });
  }, [project]);
  const add = () =>
    attempt(async () => {
      const files = await fileOpen({ multiple: true, extensions: ANNOTATION_ENDINGS });
      return opening.addMarks(
        project,
        files.map((file) => ({ path: file.name, file })),
      );
    });
  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title">Marks on {project.dataset.name}</h2>
      <PersonForm opening={opening} desk={desk} project={project} />
      <div class="row">
        <label>
          Format
          <select
            value={format.value}
            onChange={({ currentTarget }) => {
              format.value = currentTarget.value as MarkFormat;
            }}
          >
            {FORMATS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          onClick={() => void save(() => opening.exportMarks(project, format.value))}
        >
          Save the marks
        </button>
        <button type="button" disabled={!project.isWritable} onClick={() => void add()}>
          Add marks from files
        </button>
        {hasManifest.value && (
          <button type="button" onClick={() => void save(() => opening.exportClasses(project))}>
            Save the classes
          </button>
        )}
      </div>
      {hasManifest.value && (
        <p class="hint">
          Classes that you typed or corrected leave as <code>{MANIFEST}</code>. With it in their
          folder, this page and the command line read the pictures with the same classes and splits.
        </p>
      )}
      <p class="hint">
        Marks of labelme, COCO, CVAT, Label Studio, YOLO and mask images can be added, too.
      </p>
      <div role="status">
        {told.value.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </section>
  );
}
