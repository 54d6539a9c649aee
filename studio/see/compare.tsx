// One image under both classifiers, with a slider between them: left of it without guidance, right of it guided.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ARM_NAMES } from '../../gfsr/report/report-table.ts';
import type { ShownArm, ShownImage } from './viewer.ts';

const { 'cross-entropy': WITHOUT, guided: GUIDED } = ARM_NAMES;

export function Compare({ shown }: { shown: ShownImage }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const share = useSignal(0.5);
  const { width, height } = shown.plain.picture;
  const { value: at } = share;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const line = Math.round(at * width);
    context.putImageData(shown.guided.picture, 0, 0);
    context.putImageData(shown.plain.picture, 0, 0, 0, 0, line, height);
    context.fillStyle = '#fff';
    if (line > 0 && line < width) context.fillRect(line - 1, 0, 2, height);
  }, [shown, at]);
  return (
    <figure class="compare">
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label={`${shown.id}: left ${WITHOUT.toLowerCase()}, which says ${shown.plain.predicted}; right ${GUIDED.toLowerCase()}, which says ${shown.guided.predicted}`}
      />
      <label>
        <span>{WITHOUT}</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          value={at}
          aria-label="how much of the image shows where it looks without guidance"
          onInput={({ currentTarget }) => {
            share.value = Number(currentTarget.value);
          }}
        />
        <span>{GUIDED}</span>
      </label>
      <figcaption>
        <Said words={WITHOUT} arm={shown.plain} />
        <Said words={GUIDED} arm={shown.guided} />
        <p class="hint">
          Bright is where a classifier looks when it decides for the true class. Both have the same
          scale, from dark (not at all) to light yellow (most).
        </p>
      </figcaption>
    </figure>
  );
}

function Said({ words, arm }: { words: string; arm: ShownArm }) {
  return (
    <p>
      {words}: says <b>{arm.predicted}</b> and gives it {Math.round(100 * arm.probability)} %,{' '}
      <span class={arm.isRight ? 'right' : 'wrong'}>{arm.isRight ? '✓ right' : '✗ wrong'}</span>
    </p>
  );
}
