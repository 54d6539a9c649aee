// The keys: what each action is called, which key it has, and how a person gives it another one.

/** The class of the image: which one, only the data set tells. See `ImageClasses.byDigit`. */
const CLASSES = {
  class1: { key: '1', help: 'the image is of class 1' },
  class2: { key: '2', help: 'the image is of class 2' },
  class3: { key: '3', help: 'the image is of class 3' },
  class4: { key: '4', help: 'the image is of class 4' },
  class5: { key: '5', help: 'the image is of class 5' },
  class6: { key: '6', help: 'the image is of class 6' },
  class7: { key: '7', help: 'the image is of class 7' },
  class8: { key: '8', help: 'the image is of class 8' },
  class9: { key: '9', help: 'the image is of class 9' },
} as const;

/** What a person can do while marking, by key or by button. */
const MARK = {
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
  polygonTool: { key: 'g', help: 'tool: polygon (Enter or a double click closes it)' },
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
  window: { key: 'w', help: 'more contrast: from black to white in this image' },
  blind: { key: 'l', help: 'show or hide the class' },
  ...CLASSES,
} as const;

/** The same on the See screen, which asks whether the guided classifier looks at the right place. */
const SEE = {
  rightPlace: { key: 'y', help: 'yes, it looks at the right place' },
  wrongPlace: { key: 'n', help: 'no, it does not: mark the image' },
  redoAnswer: { key: 'r', help: 'take back the last answer, and show its image' },
  imageBefore: { key: 'ArrowLeft', help: 'image before' },
  imageAfter: { key: 'ArrowRight', help: 'image after' },
} as const;

const EVERYWHERE = { help: { key: '?', help: 'show or hide this list' } } as const;

export const ACTIONS = { ...MARK, ...SEE, ...EVERYWHERE };

export type Action = keyof typeof ACTIONS;
/** Those of the Mark screen. */
export type MarkAction = keyof typeof MARK | keyof typeof EVERYWHERE;
/** Those of the See screen. */
export type SeeAction = keyof typeof SEE | keyof typeof EVERYWHERE;
export type Keys = Readonly<Record<Action, string>>;

const namesOf = <A extends Action>(...groups: object[]): readonly A[] =>
  groups.flatMap((group) => Object.keys(group) as A[]);

export const ACTION_NAMES = namesOf<Action>(ACTIONS);

/** The digit from 1 to 9 of an action that says the class; undefined for all others. */
export const digitOf = (action: Action): number | undefined =>
  Object.keys(CLASSES).indexOf(action) + 1 || undefined;

/** What the keys of all classes do. @param work of the class of this digit */
export const byClass = (work: (digit: number) => void) =>
  Object.fromEntries(
    Object.keys(CLASSES).map((action, i) => [action, () => work(i + 1)]),
  ) as Readonly<Record<keyof typeof CLASSES, () => void>>;

/** What is listed and heard on which screen: the same key may do another thing on another one. */
export const SCREEN_ACTIONS = {
  mark: namesOf<MarkAction>(MARK, EVERYWHERE),
  see: namesOf<SeeAction>(SEE, EVERYWHERE),
} as const;

export type KeyScreen = keyof typeof SCREEN_ACTIONS;

/** Actions on the segment at the cursor. */
export const ON_SEGMENTS: ReadonlySet<MarkAction> = new Set<MarkAction>([
  ...(['look', 'avoid', 'unknown', 'erase'] as const),
  ...(['left', 'right', 'up', 'down'] as const),
]);

/** The keys as they are at first. */
export const DEFAULT_KEYS = Object.fromEntries(
  ACTION_NAMES.map((action) => [action, ACTIONS[action].key]),
) as Keys;

/** Actions that say something of the image, and so wait until it is seen. */
export const ON_PICTURE: ReadonlySet<MarkAction> = new Set<MarkAction>([
  'nothing',
  ...namesOf<keyof typeof CLASSES>(CLASSES),
]);

/** A key press, as a keyboard event has it. */
export interface Press {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly metaKey?: boolean;
}

/** The action of a key on a screen; undefined if it has none there, or belongs to the browser. */
export function actionOf<S extends KeyScreen>(
  keys: Keys,
  screen: S,
  { key, ctrlKey, altKey, metaKey }: Press,
): (typeof SCREEN_ACTIONS)[S][number] | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  const actions: readonly (typeof SCREEN_ACTIONS)[S][number][] = SCREEN_ACTIONS[screen];
  return (
    actions.find((action) => keys[action] === key) ??
    // Caps lock must not turn every letter into another action; undo and redo differ in case on purpose.
    actions.find((action) => keys[action].toLowerCase() === key.toLowerCase())
  );
}

/** Keys that choose among radio buttons and move a slider. */
const CHOOSING = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', ' '];

/** Whether the control that has the focus takes the key itself: what is typed into any, Space and Enter on a button. */
export function isOfControl({ target, key }: KeyboardEvent): boolean {
  if (target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement)
    return !['radio', 'range'].includes(target.type) || CHOOSING.includes(key);
  if (target instanceof HTMLAnchorElement) return key === 'Enter';
  return target instanceof HTMLButtonElement && (key === ' ' || key === 'Enter');
}

/** Keys that stay with the browser: a page that takes them cannot be left by keyboard. */
const TAKEN = ['Tab', 'Escape', 'Shift', 'Control', 'Alt', 'Meta', 'F5'];

/** Whether two actions are heard on the same screen, and so need two keys. */
const meet = (a: Action, b: Action): boolean =>
  Object.values(SCREEN_ACTIONS).some(
    (all: readonly Action[]) => all.includes(a) && all.includes(b),
  );

/**
 * Gives an action another key. Actions that had this key on its screens get the old one. The browser's own keys change
 * nothing.
 */
export function rebind(keys: Keys, action: Action, key: string): Keys {
  if (TAKEN.includes(key)) return keys;
  const old = keys[action];
  const others = ACTION_NAMES.filter(
    (each) => each !== action && keys[each] === key && meet(each, action),
  );
  // An action of several screens may bring its old key to one where that is taken.
  return others.reduce((next, each) => rebind(next, each, old), { ...keys, [action]: key });
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
