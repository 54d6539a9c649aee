// All keys of a screen, and a way to change each.

import { useSignal } from '@preact/signals';
import type { Desk } from './desk.ts';
import { ACTIONS, type Action, digitOf, type KeyScreen, keyName, SCREEN_ACTIONS } from './keys.ts';

/** Keys that cannot be changed: they also lead out of the image. */
const FIXED: Readonly<Record<KeyScreen, readonly (readonly [keys: string, help: string])[]>> = {
  mark: [
    ['Tab', 'on the image: next segment; after the last one, on to the buttons'],
    ['Shift+Tab', 'on the image: segment before'],
    ['Escape', 'leave the image: Tab goes on to the buttons'],
  ],
  see: [],
};

/** What an action does to this data set; undefined where it does nothing. */
function helpOf({ classes }: Desk, action: Action): string | undefined {
  const digit = digitOf(action);
  if (digit === undefined) return ACTIONS[action].help;
  const label = classes.byDigit(digit);
  return label === undefined ? undefined : `class ${label}`;
}

export function KeyList({ desk, screen }: { desk: Desk; screen: KeyScreen }) {
  const changing = useSignal<Action | undefined>(undefined);
  const listed = SCREEN_ACTIONS[screen].flatMap((action: Action) => {
    const help = helpOf(desk, action);
    return help === undefined ? [] : [{ action, help }];
  });
  return (
    <section class="keys" aria-label="keys">
      <h2>Keys</h2>
      <p>To change a key, press its button, then the new key.</p>
      <dl>
        {listed.map(({ action, help }) => (
          <div key={action}>
            <dt>
              <button
                type="button"
                aria-label={`key for: ${help}`}
                onClick={() => {
                  changing.value = action;
                }}
                onBlur={() => {
                  changing.value = undefined;
                }}
                onKeyDown={(event) => {
                  if (changing.value !== action || event.key === 'Tab') return;
                  event.preventDefault();
                  event.stopPropagation();
                  desk.setKey(action, event.key);
                  changing.value = undefined;
                }}
              >
                <kbd>
                  {changing.value === action ? 'press …' : keyName(desk.keys.value[action])}
                </kbd>
              </button>
            </dt>
            <dd>{help}</dd>
          </div>
        ))}
        {FIXED[screen].map(([keys, help]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{help}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
