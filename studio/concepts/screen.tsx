// The Concepts screen: groups of places that look alike, and what a person says of a whole group.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { StrokeSign } from '../../gfsr/annotation/annotations.ts';
import type { ConceptCard } from '../engine/concept-calls.ts';
import type { Desk } from '../mark/desk.ts';
import { actionOf, isOfControl, keyName, type MarkAction } from '../mark/keys.ts';
import { backOf, SIGN_WORDS } from '../mark/strokes.ts';
import type { ConceptNames } from '../storage/project.ts';
import type { Studio } from '../studio.ts';
import { answered, answerOf } from './answers.ts';
import { Card } from './card.tsx';

export function ConceptScreen({ studio }: { studio: Studio }) {
  const { value: desk } = studio.desk;
  if (!desk) return null;
  return <Concepts key={desk.project} studio={studio} desk={desk} />;
}

function Concepts({ studio, desk }: { studio: Studio; desk: Desk }) {
  const { project, marks, keys } = desk;
  const masks = studio.masks(desk);
  const list = useRef<HTMLUListElement>(null);
  const names = useSignal<ConceptNames>({});
  const spoken = useSignal('');
  const { value: cards = [] } = masks.cards;
  const strokes = (image: number) => marks.of(image);
  const back = (image: number) => backOf(desk.dataset, image);

  useEffect(() => {
    masks.wantsConcepts.value = true;
    void project.conceptNames().then((kept) => {
      names.value = { ...kept, ...names.value };
    });
    return () => {
      masks.wantsConcepts.value = false;
    };
  }, [masks, project]);

  const title = (at: number) => names.value[cards[at].key] || `Concept ${at + 1}`;
  const rename = ({ key }: ConceptCard, name: string) => {
    names.value = { ...names.value, [key]: name };
    void project.keepConceptNames(names.value);
  };
  const answer = (at: number, sign: StrokeSign) => {
    const latest = (image: number) => marks.latest(image);
    const isTakenBack = answerOf(cards[at], latest, back) === sign;
    marks.changeAll(answered(cards[at], sign, latest, back));
    spoken.value = isTakenBack
      ? `${title(at)}: not marked any more`
      : `${title(at)}: ${SIGN_WORDS[sign]}, on ${cards[at].examples.length} images`;
  };

  const act = (action: MarkAction): boolean => {
    const items = [...(list.current?.children ?? [])];
    const at = items.findIndex((item) => item.matches(':focus-within'));
    const focus = (next: number) => items[next]?.querySelector('button')?.focus();
    const onCard = (sign: StrokeSign) => at >= 0 && answer(at, sign);
    const actions: Partial<Record<MarkAction, () => unknown>> = {
      next: () => focus(Math.min(at + 1, items.length - 1)),
      previous: () => focus(Math.max(at - 1, 0)),
      look: () => onCard('positive'),
      avoid: () => onCard('negative'),
      unknown: () => onCard('unknown'),
      undo: () => marks.undo(),
      redo: () => marks.redo(),
    };
    actions[action]?.();
    return action in actions;
  };

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isOfControl(event)) return;
      const action = actionOf(keys.value, 'mark', event);
      if (action && act(action)) event.preventDefault();
    };
    const { keys: heard } = studio;
    heard.addEventListener('keydown', press as EventListener);
    return () => heard.removeEventListener('keydown', press as EventListener);
  });

  const key = (action: MarkAction) => <kbd>{keyName(keys.value[action])}</kbd>;
  return (
    <section class="concepts">
      <h2>Concepts</h2>
      <p>
        Places that look alike, and lie at a similar place, form a concept. What you say of a
        concept marks the {cards[0]?.examples.length ?? 'few'} places on its card, just as a click
        on each would on the Mark screen, and spreads from there. Saying it again takes it back.
      </p>
      <div class="row">
        <button type="button" disabled={!marks.canUndo.value} onClick={() => marks.undo()}>
          Undo {key('undo')}
        </button>
        <button type="button" disabled={!marks.canRedo.value} onClick={() => marks.redo()}>
          Redo {key('redo')}
        </button>
        <p class="hint">
          {key('next')} next concept, {key('previous')} previous, {key('look')} look here,{' '}
          {key('avoid')} not here, {key('unknown')} cannot say
        </p>
      </div>
      <p class="spoken" role="status">
        {spoken.value || masks.status.value}
      </p>
      <ul ref={list}>
        {cards.map((card, at) => (
          <Card
            key={card.key}
            card={card}
            number={at + 1}
            name={names.value[card.key] ?? ''}
            relevance={masks.conceptRelevance.value?.[card.concept]}
            answer={answerOf(card, strokes, back)}
            isWritable={project.isWritable}
            onName={(name) => rename(card, name)}
            onAnswer={(sign) => answer(at, sign)}
          />
        ))}
      </ul>
    </section>
  );
}
