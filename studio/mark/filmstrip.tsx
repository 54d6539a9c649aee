// Small pictures of the images around the current one: a way to look ahead, and to go back.

import { useEffect, useRef } from 'preact/hooks';
import { inTurn } from '../in-turn.ts';
import { showPicture } from '../show-picture.ts';
import { useTurn } from '../use-turn.ts';
import type { Desk } from './desk.ts';
import { isMarked } from './strokes.ts';

/** Images before and after the current one. */
const AROUND = 8;

export function Filmstrip({ desk }: { desk: Desk }) {
  const { value: position } = desk.course.position;
  const { value: images } = desk.course.images;
  const isDue = useTurn();
  const from = Math.max(0, Math.min(position - AROUND, images.length - 2 * AROUND - 1));
  return (
    <nav class="filmstrip" aria-label="images">
      {isDue &&
        images
          .slice(from, from + 2 * AROUND + 1)
          .map((image) => <Thumbnail key={image} desk={desk} image={image} />)}
    </nav>
  );
}

function Thumbnail({ desk, image }: { desk: Desk; image: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const marked = isMarked(desk.marks.of(image));
  const current = desk.image.value === image;
  useEffect(() => {
    let shown = true;
    const show = async () => {
      const picture = await desk.pictures.smallPicture(image);
      if (shown) showPicture(ref.current, picture);
    };
    // To ask for it takes time, too. If it fails, the large image says what is wrong.
    void inTurn(() => void show().catch(() => {}));
    return () => {
      shown = false;
    };
  }, [image]);
  const label = desk.showClass.value ? `, ${desk.classes.of(image)}` : '';
  return (
    <button
      type="button"
      class={marked ? 'thumbnail marked' : 'thumbnail'}
      aria-current={current ? 'true' : undefined}
      aria-label={`image ${desk.course.images.value.indexOf(image) + 1}${label}${marked ? ', marked' : ''}`}
      onClick={() => desk.go(image)}
    >
      <canvas ref={ref} />
    </button>
  );
}
