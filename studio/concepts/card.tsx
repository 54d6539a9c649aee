// One concept: its nearest segments as pictures, its name, its relevance in the masks, and what a person says of it.

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { StrokeSign } from '../../gfsr/annotation/annotations.ts';
import { type ConceptCard, type ConceptPicture, SIDE } from '../engine/concept-calls.ts';
import { SIGNS } from '../mark/controls.tsx';
import { showPicture } from '../show-picture.ts';
import type { Answer } from './answers.ts';

interface CardProps {
  readonly card: ConceptCard;
  readonly number: number;
  readonly name: string;
  readonly relevance: number | undefined;
  readonly answer: Answer;
  readonly isWritable: boolean;
  readonly onName: (name: string) => void;
  readonly onAnswer: (sign: StrokeSign) => void;
}

export function Card(props: CardProps) {
  const { card, number, name, relevance, answer, isWritable, onName, onAnswer } = props;
  /** What is being typed: masks that change meanwhile draw the card anew. */
  const typed = useSignal<string | undefined>(undefined);
  const title = name || `Concept ${number}`;
  return (
    <li class="concept">
      <input
        value={typed.value ?? name}
        placeholder={`Concept ${number}`}
        aria-label={`Name of concept ${number}`}
        disabled={!isWritable}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
        }}
        onChange={() => {
          if (typed.value !== undefined) onName(typed.value.trim());
          typed.value = undefined;
        }}
      />
      <div class="examples" role="img" aria-label={`${card.examples.length} places of ${title}`}>
        {card.examples.map((example) => (
          <Picture key={example.image} example={example} />
        ))}
      </div>
      <p>
        {relevance === undefined ? (
          'Nothing is marked yet'
        ) : (
          <>
            Relevance {relevance.toFixed(2)}{' '}
            <meter min={0} max={1} value={relevance} aria-label={`relevance of ${title}`} />
          </>
        )}
        <span class="hint"> · {card.segments} places</span>
      </p>
      <fieldset class="row">
        <legend>{answer === 'partly' ? 'Marked in part' : 'These places'}</legend>
        {SIGNS.map(([sign, words]) => (
          <button
            key={sign}
            type="button"
            aria-pressed={answer === sign}
            aria-label={`${words}: ${title}`}
            disabled={!isWritable}
            onClick={() => onAnswer(sign)}
          >
            {words}
          </button>
        ))}
      </fieldset>
    </li>
  );
}

function Picture({ example: { pixels } }: { example: ConceptPicture }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    showPicture(ref.current, new ImageData(pixels, SIDE));
  }, [pixels]);
  return <canvas ref={ref} width={SIDE} height={SIDE} />;
}
