// What all screens share outlives the tab that began it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Address } from '../../studio/address.ts';
import { Studio } from '../../studio/studio.ts';

test('what was read is there when the Open tab is shown again, until the studio is closed', () => {
  const studio = new Studio({ address: new Address(), keys: new EventTarget() });
  const read = { state: 'keeping', name: 'scans' } as const;
  studio.opening.stage.value = read;
  studio.address.follow('#tab=mark');
  studio.address.follow('#tab=open');
  assert.equal(studio.opening.stage.value, read);
  studio.close();
  assert.equal(studio.opening.stage.value, { state: 'waiting' });
});

test.run();
