// The See screen: where both classifiers look, whether that is the right place, and how often they are right.

import { useEffect, useMemo } from 'preact/hooks';
import type { RunView } from '../../gfsr/serve/train-calls.ts';
import type { Desk } from '../mark/desk.ts';
import { KeyList } from '../mark/key-list.tsx';
import { actionOf, isOfControl, keyName, type SeeAction } from '../mark/keys.ts';
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
  return <Seen key={run.started} studio={studio} desk={desk} trainer={trainer} run={run} />;
}

interface SeenProps {
  readonly studio: Studio;
  readonly desk: Desk;
  readonly trainer: Trainer;
  readonly run: RunView;
}

function Seen({ studio, desk, trainer, run }: SeenProps) {
  const { keys, showHelp } = desk;
  const viewer = useMemo(() => new Viewer(trainer, run, desk.course.images.value), [trainer, desk]);
  useEffect(() => () => viewer.close(), [viewer]);
  const markThere = () => {
    const { value: image } = viewer.image;
    if (!viewer.shown.value) return;
    viewer.judge(false);
    studio.address.follow(`#tab=mark&image=${image}`);
  };
  const act: Readonly<Record<SeeAction, () => void>> = {
    rightPlace: () => viewer.judge(true),
    wrongPlace: markThere,
    redoAnswer: () => viewer.redo(),
    imageBefore: () => viewer.step(-1),
    imageAfter: () => viewer.step(1),
    help: () => {
      showHelp.value = !showHelp.value;
    },
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isOfControl(event)) return; // the slider has arrows of its own
      const action = actionOf(keys.value, 'see', event);
      if (!action) return;
      event.preventDefault();
      act[action]();
    };
    const { keys: heard } = studio;
    heard.addEventListener('keydown', press as EventListener);
    return () => heard.removeEventListener('keydown', press as EventListener);
  }, [viewer]);
  const button = (action: SeeAction, text: string, isOn = true) => (
    <button type="button" disabled={!isOn} onClick={act[action]}>
      {text} <kbd>{keyName(keys.value[action])}</kbd>
    </button>
  );
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
        {button('rightPlace', 'Yes')}
        {button('wrongPlace', 'No: mark it')}
        {button('redoAnswer', 'Answer again', verdicts.length > 0)}
        {button('imageBefore', 'Previous')}
        {button('imageAfter', 'Next')}
        {button('help', 'Keys')}
      </fieldset>
      {verdicts.length > 0 && (
        <p role="status">
          {verdicts.filter(Boolean).length} of {verdicts.length} looked at the right place.
        </p>
      )}
      {showHelp.value && <KeyList desk={desk} screen="see" />}
      <Figures trainer={trainer} />
    </section>
  );
}
