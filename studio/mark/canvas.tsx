// The image that is being marked: draws it, and turns what the pointer does into strokes.

import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Desk } from './desk.ts';
import { Draft, type Point } from './draft.ts';
import { clear, paint, placement } from './painting.ts';

/** Pixels of the screen: less is a click. */
const CLICK = 4;

export function MarkCanvas({ desk }: { desk: Desk }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const pixels = useSignal<Point>([0, 0]);
  const draft = useMemo(() => new Draft(desk.image, desk.tool), [desk]);
  const pan = useRef<Point | undefined>(undefined);
  const label = useComputed(() => `image ${desk.dataset.ids[desk.image.value]}`);

  useEffect(() => {
    const canvas = ref.current as HTMLCanvasElement;
    const fit = new ResizeObserver(() => {
      const ratio = devicePixelRatio;
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
      pixels.value = [canvas.width, canvas.height];
    });
    fit.observe(canvas);
    return () => fit.disconnect();
  }, []);

  useSignalEffect(() => {
    const [width] = pixels.value;
    const { value: picture } = desk.shown.picture;
    const { value: map } = desk.shown.segments;
    if (!ref.current || width === 0) return;
    if (!picture) return clear(ref.current);
    const atSegments = desk.tool.value === 'segment' && map;
    paint(ref.current, {
      picture,
      strokes: desk.marks.of(desk.image.value),
      view: desk.view.value,
      showMarks: desk.showMarks.value,
      contours: atSegments && desk.showContours.value ? map : undefined,
      cursor: atSegments ? { map, segment: desk.shown.cursor.value } : undefined,
      draft: draft.points,
    });
  });

  /** A place of the screen in pixels of the image. */
  const pointAt = ({ clientX, clientY }: MouseEvent): Point => {
    const canvas = ref.current as HTMLCanvasElement;
    const box = canvas.getBoundingClientRect();
    const { left, top, scale } = placement(desk.view.value, desk.dataset, canvas);
    const ratio = canvas.width / box.width;
    return [
      ((clientX - box.left) * ratio - left) / scale,
      ((clientY - box.top) * ratio - top) / scale,
    ];
  };

  const press = (event: PointerEvent) => {
    const canvas = event.currentTarget as HTMLCanvasElement;
    canvas.setPointerCapture(event.pointerId);
    if (event.button === 1 || (event.button === 0 && event.shiftKey)) {
      pan.current = [event.clientX, event.clientY];
      return;
    }
    if (event.button !== 0) return;
    const point = pointAt(event);
    const tool = desk.tool.value;
    if (tool === 'segment') {
      const segment = desk.shown.segments.value?.at(...point);
      if (segment === undefined) return;
      desk.moveTo(segment);
      desk.markSegment(desk.sign.value);
    } else if (tool === 'eraser') desk.eraseAt(point);
    else if (tool === 'polygon') {
      draft.points = [...draft.points, point];
      desk.spoken.value = 'Enter or a double click closes the polygon, Escape drops it';
    } else draft.points = [point, point];
  };

  const move = (event: PointerEvent) => {
    if (pan.current) {
      const [x, y] = pan.current;
      pan.current = [event.clientX, event.clientY];
      panBy(event.clientX - x, event.clientY - y);
      return;
    }
    const point = pointAt(event);
    const tool = desk.tool.value;
    if (tool === 'segment') {
      const segment = desk.shown.segments.value?.at(...point);
      if (segment !== undefined) desk.shown.cursor.value = segment;
    } else if (draft.points.length > 0 && event.buttons === 1) {
      if (tool === 'scribble') draft.points = [...draft.points, point];
      if (tool === 'box') draft.points = [draft.points[0], point];
    }
  };

  const panBy = (dx: number, dy: number) => {
    const canvas = ref.current as HTMLCanvasElement;
    const { zoom, center } = desk.view.value;
    const { scale } = placement(desk.view.value, desk.dataset, canvas);
    const ratio = canvas.width / canvas.clientWidth;
    const inside = (share: number) => Math.min(Math.max(share, 0), 1);
    desk.view.value = {
      zoom,
      center: [
        inside(center[0] - (dx * ratio) / scale / desk.dataset.width),
        inside(center[1] - (dy * ratio) / scale / desk.dataset.height),
      ],
    };
  };

  const release = () => {
    pan.current = undefined;
    const { points } = draft;
    const tool = desk.tool.value;
    if (points.length === 0 || tool === 'polygon') return;
    draft.drop();
    const [[x0, y0], [x1, y1]] = [points[0], points[points.length - 1]];
    const scale = (ref.current as HTMLCanvasElement).clientWidth / desk.dataset.width;
    const dragged = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) * scale > CLICK;
    if (tool === 'box') {
      if (dragged) desk.draw('box', [points[0], points[1]]);
    } else if (dragged || points.length > 4) desk.draw('scribble', points);
    else desk.draw('click', [points[0]]);
  };

  const closePolygon = () => {
    const { points } = draft;
    // The double click that closes has added its point twice.
    const corners = points.filter(
      ([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1],
    );
    if (desk.tool.value !== 'polygon' || corners.length === 0) return;
    draft.drop();
    if (corners.length >= 3) desk.draw('polygon', corners);
    else desk.spoken.value = 'no polygon: it takes three corners';
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    desk.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
  };

  /** Goes to the next segment or the one before, in their order. @returns false at the end, where nothing moves */
  const stepSegment = (by: 1 | -1): boolean => {
    const { segments, cursor } = desk.shown;
    const { value: map } = segments;
    const next = cursor.value + by;
    if (!map || next < 0 || next >= map.count) return false;
    desk.moveTo(next);
    return true;
  };

  /** Tab goes through the segments; past the last one, and after Escape, it is the browser's again. */
  const key = (event: KeyboardEvent) => {
    if (draft.points.length > 0 && ['Enter', 'Escape'].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation(); // not the next image
      if (event.key === 'Enter') closePolygon();
      else {
        draft.drop();
        desk.spoken.value = 'dropped';
      }
    } else if (event.key === 'Escape') {
      (event.currentTarget as HTMLCanvasElement).blur();
      desk.spoken.value = 'left the image: Tab goes on to the buttons';
    } else if (event.key === 'Tab' && stepSegment(event.shiftKey ? -1 : 1)) {
      event.preventDefault();
    }
  };

  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: its keys go through the segments
    <canvas
      ref={ref}
      class="image"
      role="application"
      tabIndex={0}
      aria-label={label.value}
      aria-description="Tab and arrow keys go from segment to segment, Escape leaves the image."
      onKeyDown={key}
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onDblClick={closePolygon}
      onWheel={wheel}
    />
  );
}
