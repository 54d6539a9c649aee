// The Concepts screen in a real Chromium: an answer becomes marks in the file, a name stays, the keyboard does it all.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../../gfsr/annotation/annotation-files.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import { buildStudio, expectUsable, shoot } from '../../support/studio.ts';

const path = join(mkdtempSync(join(tmpdir(), 'gfsr-concepts-')), 'marks.json');
const WAIT = { timeout: 200_000 };

inChromium('the Concepts screen', () => {
  test('an answer marks the places of a card, counts in the masks, and can be taken back', async () => {
    const dataset = await loadDataset('decoy-mnist', { limit: 40 });
    const marks = await MarkFile.open(path, dataset, 'ann');
    const server = await serving(serveMarkingPage({ page: buildStudio(), dataset, marks }));
    const { tab, faults } = await visit(server.address);
    await tab.getByRole('link', { name: 'Concepts' }).click();
    await tab.waitForSelector('.concept', WAIT);
    const name = tab.getByRole('textbox', { name: 'Name of concept 1', exact: true });
    await name.pressSequentially('empty edge x'); // letters of keys are letters here
    await name.press('Backspace');
    await name.press('Backspace');
    await name.press('Tab');

    await tab.keyboard.press('x');
    await tab.waitForSelector('text=empty edge: not here, on 6 images', WAIT);
    const second = tab.getByRole('textbox', { name: 'Name of concept 2', exact: true });
    await second.pressSequentially('unfinished');
    await tab.waitForSelector('.concept meter', WAIT); // the cards are drawn anew
    assert.is(await second.inputValue(), 'unfinished');
    await second.fill('');
    await name.focus();
    await name.press('Tab');
    await tab.keyboard.press('n');
    await tab.keyboard.press('Space');
    await tab.waitForSelector('text=Concept 2: look here, on 6 images', WAIT);
    await tab.waitForSelector('.concept meter', WAIT);
    const relevance = await tab
      .locator('.concept meter')
      .evaluateAll((all) => all.map((each) => (each as HTMLMeterElement).value));
    assert.ok(relevance[1] > relevance[0], `${relevance}`);
    await tab.waitForSelector('.saving.saved', WAIT);
    const { annotations } = await readAnnotationFile(path, dataset);
    const signs = annotations.flatMap(({ strokes }) => strokes.map(({ sign }) => sign));
    assert.equal(signs.sort(), [...Array(6).fill('negative'), ...Array(6).fill('positive')]);
    await shoot(tab, 'concepts');
    await expectUsable(tab, 'concepts');

    await tab.reload();
    await tab.waitForSelector('.concept', WAIT);
    assert.is(await name.inputValue(), 'empty edge');
    const pressed = await tab.locator('.concept [aria-pressed=true]').allTextContents();
    assert.equal(pressed, ['Not here', 'Look here']);
    await tab.getByRole('button', { name: 'Not here: empty edge' }).click();
    await tab.waitForSelector('text=empty edge: not marked any more', WAIT);
    await tab.keyboard.press('z');
    await tab.waitForFunction(
      () => document.querySelectorAll('.concept [aria-pressed=true]').length === 2,
      undefined,
      WAIT,
    );
    assert.equal(faults, []);
  });
});

test.run();
