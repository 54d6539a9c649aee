// The keys: what each action is called, which key it has, and how a person gives it another one.

/** Everything that a person can do, by key or by button. */
export const ACTIONS = {
  look: { key: ' ', help: 'look here' },
  avoid: { key: 'x', help: 'not here' },
  unknown: { key: 'd', help: 'cannot say' },
  nothing: { key: 'v', help: 'nothing on this image is relevant' },
  erase: { key: 'Delete', help: 'take the mark off the segment' },
  left: { key: 'ArrowLeft', help: 'segment to the left' },
  right: { key: 'ArrowRight', help: 'segment to the right' },
  up: { key: 'ArrowUp', help: 'segment above' },
  down: { key: 'ArrowDown', help: 'segment below' },
  next: { key: 'n', help: 'next image' },
  previous: { key: 'p', help: 'previous image' },
  confirm: { key: 'Enter', help: 'next image without marks' },
  segmentTool: { key: 's', help: 'tool: segments' },
  scribbleTool: { key: 'b', help: 'tool: scribble' },
  boxTool: { key: 'r', help: 'tool: box' },
  polygonTool: { key: 'g', help: 'tool: polygon (double-click closes it)' },
  eraserTool: { key: 'e', help: 'tool: eraser' },
  undo: { key: 'z', help: 'undo, without limit' },
  redo: { key: 'Z', help: 'redo' },
  zoomIn: { key: '+', help: 'larger' },
  zoomOut: { key: '-', help: 'smaller' },
  zoomFit: { key: '0', help: 'the whole image' },
  finer: { key: ',', help: 'smaller segments' },
  coarser: { key: '.', help: 'larger segments' },
  contours: { key: 'c', help: 'show or hide the edges of segments' },
  marks: { key: 'h', help: 'show or hide the marks' },
  masks: { key: 'm', help: 'show or hide the masks on other images' },
  window: { key: 'w', help: 'spread the grey levels of this image' },
  blind: { key: 'l', help: 'show or hide the class' },
  help: { key: '?', help: 'show or hide this list' },
} as const;

export type Action = keyof typeof ACTIONS;
export type Keys = Readonly<Record<Action, string>>;

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly Action[];

/** Actions on the segment at the cursor. */
export const ON_SEGMENTS: ReadonlySet<Action> = new Set<Action>([
  ...(['look', 'avoid', 'unknown', 'erase'] as const),
  ...(['left', 'right', 'up', 'down'] as const),
]);

/** The keys as they are at first. */
export const DEFAULT_KEYS = Object.fromEntries(
  ACTION_NAMES.map((action) => [action, ACTIONS[action].key]),
) as Keys;

/** A key press, as a keyboard event has it. */
export interface Press {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly metaKey?: boolean;
}

/** The action of a key; undefined if it has none, or belongs to the browser. */
export function actionOf(keys: Keys, { key, ctrlKey, altKey, metaKey }: Press): Action | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  return (
    ACTION_NAMES.find((action) => keys[action] === key) ??
    // Caps lock must not turn every letter into another action; undo and redo differ in case on purpose.
    ACTION_NAMES.find((action) => keys[action].toLowerCase() === key.toLowerCase())
  );
}

/** Keys that stay with the browser: a page that takes them cannot be left by keyboard. */
const TAKEN = ['Tab', 'Escape', 'Shift', 'Control', 'Alt', 'Meta', 'F5'];

/** Gives an action another key. An action that had this key gets the old one. The browser's own keys change nothing. */
export function rebind(keys: Keys, action: Action, key: string): Keys {
  if (TAKEN.includes(key)) return keys;
  const other = ACTION_NAMES.find((each) => keys[each] === key);
  return { ...keys, ...(other ? { [other]: keys[action] } : {}), [action]: key };
}

/** Keys that a browser stored. What is missing or not a key is as at first. */
export function parseKeys(text: string | null): Keys {
  try {
    const stored = Object(JSON.parse(text ?? '{}')) as Record<string, unknown>;
    const known = ACTION_NAMES.filter((action) => typeof stored[action] === 'string');
    return { ...DEFAULT_KEYS, ...Object.fromEntries(known.map((each) => [each, stored[each]])) };
  } catch {
    return DEFAULT_KEYS;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

/** A key as people read it. */
export const keyName = (key: string): string => NAMES[key] ?? key;
