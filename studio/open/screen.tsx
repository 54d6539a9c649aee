// The Open screen: gives the page a data set, shows what is in it, and lists those that this browser has.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DemoPanel } from '../demo/demo-panel.tsx';
import type { Studio } from '../studio.ts';
import { FilesPanel } from './files-panel.tsx';
import { LabelForm } from './label-form.tsx';
import type { Opening } from './opening.ts';
import { droppedFiles, pickFiles, pickFolder } from './pick.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { ProjectList } from './project-list.tsx';

export function OpenScreen({ studio }: { studio: Studio }) {
  const { opening } = studio;
  useEffect(() => void opening.list(), [opening]);
  const { value: stage } = opening.stage;
  const { value: desk } = studio.desk;
  const { value: project } = studio.browserProject;
  return (
    <div class="opening">
      <Entrance opening={opening} />
      {stage.state === 'failed' && <p role="alert">{stage.why}</p>}
      {stage.state === 'reading' && (
        <section aria-label="reading">
          <p role="status">
            reading {stage.name}
            {stage.progress && `: ${stage.progress[0]} of ${stage.progress[1]} files`} …
          </p>
          <progress
            aria-label={`reading ${stage.name}`}
            max={stage.progress?.[1] ?? 1}
            value={stage.progress?.[0] ?? 0}
          />
          <button type="button" onClick={() => opening.cancel()}>
            Stop
          </button>
        </section>
      )}
      {stage.state === 'keeping' && <p role="status">keeping {stage.name} in this browser …</p>}
      {stage.state === 'labelling' && (
        <LabelForm opening={opening} given={stage.given} pictures={stage.pictures} />
      )}
      {stage.state === 'read' && (
        <PreviewPanel opening={opening} given={stage.given} preview={stage.preview} />
      )}
      {desk && project && <FilesPanel opening={opening} desk={desk} project={project} />}
      {(stage.state === 'waiting' || stage.state === 'failed') && <DemoPanel opening={opening} />}
      <ProjectList opening={opening} />
    </div>
  );
}

/** Where a person drops files, or picks them. */
function Entrance({ opening }: { opening: Opening }) {
  const isOver = useSignal(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    isOver.value = false;
    if (event.dataTransfer) void opening.take(droppedFiles(event.dataTransfer));
  };
  return (
    <section
      class={isOver.value ? 'entrance over' : 'entrance'}
      aria-labelledby="open-images"
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={drop}
    >
      <h2 id="open-images">Open images</h2>
      <p>
        Drop a folder, a .zip, an .npz or pictures here: PNG, JPEG, DICOM or NIfTI. Nothing leaves
        this computer.
      </p>
      <div class="row">
        <button type="button" onClick={() => void opening.take(pickFolder())}>
          Choose a folder
        </button>
        <button type="button" onClick={() => void opening.take(pickFiles())}>
          Choose files
        </button>
      </div>
      <p class="hint">
        Classes come from a <code>manifest.csv</code> with the columns file, label and, if you like,
        split, patient and mask; or from one folder per class. Images of one patient stay in one
        split.
      </p>
    </section>
  );
}
