// Masks on other images: what the marks have spread to, beside the image that is being marked.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { MaskTile } from '../engine/mask-calls.ts';
import { showPicture } from '../show-picture.ts';
import { useTurn } from '../use-turn.ts';
import type { Desk } from './desk.ts';
import type { LiveMasks } from './live-masks.ts';

export function MaskPane({ desk, masks }: { desk: Desk; masks: LiveMasks }) {
  const { value: view } = masks.view;
  const { value: status } = masks.status;
  const isDue = useTurn();
  return (
    <section class="masks" aria-label="masks on other images">
      <h2>Masks on other images</h2>
      <p class="effect" role="status">
        {masks.effect.value || (view ? '' : 'Mark something: similar places light up here.')}
      </p>
      {isDue && view && (
        <ul class="tiles" aria-busy={masks.isBusy.value}>
          {view.tiles.map((tile, i) => (
            <li key={i}>
              <Tile desk={desk} tile={tile} height={view.height} width={view.width} />
            </li>
          ))}
        </ul>
      )}
      {view && (
        <div class="row">
          <button type="button" onClick={() => void masks.save('png')}>
            Save all masks as PNG
          </button>
          <button type="button" onClick={() => void masks.save('npz')}>
            Save all masks as .npz
          </button>
        </div>
      )}
      <p class="hint">{status || (view?.isRefined ? 'Refined by the relevance network.' : '')}</p>
      <p class="hint">
        The method assumes that places which look alike, and lie at a similar place, matter alike.
        On an image with a "look here", the rest counts as weakly irrelevant. Images without marks
        only follow.
      </p>
    </section>
  );
}

interface TileProps {
  readonly desk: Desk;
  readonly tile: MaskTile;
  readonly height: number;
  readonly width: number;
}

function Tile({ desk, tile: { image, pixels }, height, width }: TileProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    showPicture(ref.current, new ImageData(pixels, width));
  }, [pixels]);
  return (
    <button
      type="button"
      class="thumbnail"
      aria-label={`image ${desk.course.images.value.indexOf(image) + 1} with its mask`}
      onClick={() => desk.go(image)}
    >
      <canvas ref={ref} width={width} height={height} />
    </button>
  );
}
