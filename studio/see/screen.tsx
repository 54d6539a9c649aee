// The See screen: where both classifiers look, whether that is the right place, and how often they are right.

import { useEffect, useMemo } from 'preact/hooks';
import type { Studio } from '../studio.ts';
import type { Trainer } from '../train/trainer.ts';
import { Compare } from './compare.tsx';
import { Figures } from './figures.tsx';
import { Viewer } from './viewer.ts';

export function SeeScreen({ studio }: { studio: Studio }) {
  const { value: desk } = studio.desk;
  if (!desk) return null;
  const trainer = studio.trainer(desk.project);
  const { value: run } = trainer.run;
  if (!run?.validation) {
    return (
      <section>
        <h2>See</h2>
        <p>
          Nothing is trained yet. <a href="#tab=train">Train</a> first: then this page shows where
          the classifier looks without guidance and with it.
        </p>
      </section>
    );
  }
  return <Seen key={`${run.annotations} ${run.epochs}`} studio={studio} trainer={trainer} />;
}

function Seen({ studio, trainer }: { studio: Studio; trainer: Trainer }) {
  const { value: desk } = studio.desk;
  const viewer = useMemo(
    () => new Viewer(trainer, desk?.course.images.value ?? []),
    [trainer, desk],
  );
  const markThere = () => {
    const { value: image } = viewer.image;
    viewer.judge(false);
    studio.address.follow(`#tab=mark&image=${image}`);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.target instanceof HTMLInputElement) return;
      if (event.key === 'y') viewer.judge(true);
      else if (event.key === 'n') markThere();
    };
    const { keys } = studio;
    keys.addEventListener('keydown', press as EventListener);
    return () => keys.removeEventListener('keydown', press as EventListener);
  }, [viewer]);
  const verdicts = [...viewer.verdicts.value.values()];
  const { value: shown } = viewer.shown;
  return (
    <section class="see">
      <h2>Where they look</h2>
      {viewer.fault.value && <p role="alert">{viewer.fault.value}</p>}
      <p>
        Training image {viewer.at.value + 1} of {viewer.order.length}
        {shown && (
          <>
            {' '}
            <span class="id">{shown.id}</span>: <b>{shown.label}</b>
          </>
        )}
      </p>
      {shown ? <Compare shown={shown} /> : <p role="status">Looking …</p>}
      <fieldset class="row">
        <legend>Is the guided one looking at the right place?</legend>
        <button type="button" onClick={() => viewer.judge(true)}>
          Yes <kbd>Y</kbd>
        </button>
        <button type="button" onClick={markThere}>
          No: mark it <kbd>N</kbd>
        </button>
        <button type="button" onClick={() => viewer.step(-1)}>
          Previous
        </button>
        <button type="button" onClick={() => viewer.step(1)}>
          Next
        </button>
      </fieldset>
      {verdicts.length > 0 && (
        <p role="status">
          {verdicts.filter(Boolean).length} of {verdicts.length} looked at the right place.
        </p>
      )}
      <Figures trainer={trainer} />
    </section>
  );
}
