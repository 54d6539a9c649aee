// The buttons beside the image: what a mark says, with which tool it is made, and what is shown.

import type { StrokeSign } from '../../gfsr/annotation/annotations.ts';
import { useTurn } from '../use-turn.ts';
import type { Desk, Tool } from './desk.ts';
import { keyName, type MarkAction } from './keys.ts';
import type { Order } from './order.ts';
import { saysNothing } from './strokes.ts';

/** What a mark can say. */
export const SIGNS: readonly (readonly [StrokeSign, string, MarkAction])[] = [
  ['positive', 'Look here', 'look'],
  ['negative', 'Not here', 'avoid'],
  ['unknown', 'Cannot say', 'unknown'],
];

const TOOLS: readonly (readonly [Tool, string, MarkAction])[] = [
  ['segment', 'Segments', 'segmentTool'],
  ['scribble', 'Scribble', 'scribbleTool'],
  ['box', 'Box', 'boxTool'],
  ['polygon', 'Polygon', 'polygonTool'],
  ['eraser', 'Eraser', 'eraserTool'],
];

const ORDERS: readonly (readonly [Order, string])[] = [
  ['mixed', 'random, classes in turn'],
  ['queue', 'worth marking next'],
  ['file', 'as in the file'],
];

export function Controls({ desk }: { desk: Desk }) {
  const isDue = useTurn();
  const { keys, sign, tool, marks } = desk;
  const nothing = saysNothing(marks.of(desk.image.value));
  const key = (action: MarkAction) => <kbd>{keyName(keys.value[action])}</kbd>;
  const button = (action: MarkAction, text: string, enabled = true) => (
    <button type="button" disabled={!enabled} onClick={() => desk.act(action)}>
      {text} {key(action)}
    </button>
  );
  const toggle = (action: MarkAction, text: string, on: boolean) => (
    <button type="button" aria-pressed={on} onClick={() => desk.act(action)}>
      {text} {key(action)}
    </button>
  );
  if (!isDue) return <div class="controls" />;
  return (
    <div class="controls">
      <fieldset>
        <legend>A mark says</legend>
        {SIGNS.map(([value, text, action]) => (
          <label key={value} class={`sign ${value}`}>
            <input
              type="radio"
              name="sign"
              checked={sign.value === value}
              onChange={() => {
                sign.value = value;
              }}
            />
            {text} {key(action)}
          </label>
        ))}
        {toggle('nothing', 'Nothing here is relevant', nothing)}
        <p class="hint">A key marks the outlined segment.</p>
      </fieldset>
      <fieldset>
        <legend>Tool</legend>
        {TOOLS.map(([value, text, action]) => (
          <label key={value}>
            <input
              type="radio"
              name="tool"
              checked={tool.value === value}
              onChange={() => {
                tool.value = value;
              }}
            />
            {text} {key(action)}
          </label>
        ))}
      </fieldset>
      <div class="row">
        {button('undo', 'Undo', marks.canUndo.value)}
        {button('redo', 'Redo', marks.canRedo.value)}
      </div>
      <div class="row">
        {button('previous', 'Previous')}
        {button('next', 'Next')}
        {button('confirm', 'Next unmarked')}
      </div>
      <fieldset class="row group">
        <legend>Image</legend>
        {button('zoomOut', 'Smaller')}
        {button('zoomIn', 'Larger')}
        {button('zoomFit', 'Whole')}
        {toggle(
          'window',
          'Contrast',
          desk.shown.levels.value.high < 255 || desk.shown.levels.value.low > 0,
        )}
      </fieldset>
      <fieldset class="row group">
        <legend>Segments</legend>
        {button('finer', 'Finer')}
        {button('coarser', 'Coarser')}
      </fieldset>
      <fieldset class="row group">
        <legend>Show</legend>
        {toggle('contours', 'Edges', desk.showContours.value)}
        {toggle('marks', 'Marks', desk.showMarks.value)}
        {toggle('masks', 'Masks', desk.showMasks.value)}
        {toggle('blind', 'Class', desk.showClass.value)}
      </fieldset>
      <div class="row">
        <label class="order">
          Order{' '}
          <select
            value={desk.course.order.value}
            onChange={({ currentTarget }) => desk.course.choose(currentTarget.value as Order)}
          >
            {ORDERS.map(([order, text]) => (
              <option key={order} value={order}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {toggle('help', 'Keys', desk.showHelp.value)}
      </div>
      {desk.showClass.value && (
        <div class="row">
          <label class="order">
            Class of this image{' '}
            <select
              value={desk.classes.of(desk.image.value)}
              onChange={({ currentTarget }) => {
                desk.spoken.value = desk.classes.set(desk.image.value, currentTarget.value);
              }}
            >
              {desk.dataset.classes.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
    </div>
  );
}
