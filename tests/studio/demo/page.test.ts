// The demo in a real Chromium: one button opens it with its marks, and a second time it goes on where the person was.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { DEMO_DATA, DEMO_MARKS } from '../../../studio/demo/demo.ts';
import { demoFiles } from '../../../studio/demo/demo-files.ts';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import { buildStudio, expectUsable, serveStudio, shoot } from '../../support/studio.ts';

const WAIT = { timeout: 100_000 };

test('its files are the data set that its settings name on the command line', async () => {
  const files = await demoFiles();
  const { train, vals, classes } = await loadDataset(DEMO_DATA.source, DEMO_DATA);
  assert.equal(files.get('train.images'), train.images);
  assert.equal(files.get('vals.misleading.images'), vals?.misleading.images);
  const { annotations } = JSON.parse(new TextDecoder().decode(files.get('annotations.json')));
  assert.is(annotations.length, DEMO_MARKS);
  const labels = annotations.map(({ image }: { image: string }) => {
    return train.labels[train.ids.indexOf(image)];
  });
  assert.is(new Set(labels).size, classes.length);
});

inChromium('the demo', () => {
  test('one button opens it, and the next time goes on with it', async () => {
    const site = await serving(serveStudio(buildStudio()));
    const { tab, faults } = await visit(site.url);
    await tab.getByText('Computed before, not on your machine').waitFor(WAIT);
    await shoot(tab, 'open');
    await expectUsable(tab, 'open');
    const open = () => tab.getByRole('button', { name: 'Open the demo' }).click();
    await open();
    await tab.getByText(`${DEMO_MARKS} marked`).waitFor(WAIT);
    await tab.getByText('Arrow keys move').waitFor(WAIT);
    await tab.keyboard.press('ArrowUp');
    await tab.getByText('segment ').first().waitFor(WAIT);
    await tab.keyboard.press('Space');
    await tab.getByText(`${DEMO_MARKS + 1} marked`).waitFor(WAIT);
    await tab.locator('.saving.saved').waitFor(WAIT);
    await tab.getByRole('link', { name: 'Open' }).click();
    await open();
    await tab.getByText(`${DEMO_MARKS + 1} marked`).waitFor(WAIT);
    assert.equal(faults, []);
  });
});

test.run();
