// All keys, and a way to change each.

import { useSignal } from '@preact/signals';
import type { Desk } from './desk.ts';
import { ACTION_NAMES, ACTIONS, type Action, keyName } from './keys.ts';

export function KeyList({ desk }: { desk: Desk }) {
  const changing = useSignal<Action | undefined>(undefined);
  return (
    <section class="keys" aria-label="keys">
      <h2>Keys</h2>
      <p>To change a key, press its button, then the new key.</p>
      <dl>
        {ACTION_NAMES.map((action) => (
          <div key={action}>
            <dt>
              <button
                type="button"
                aria-label={`key for: ${ACTIONS[action].help}`}
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
            <dd>{ACTIONS[action].help}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
