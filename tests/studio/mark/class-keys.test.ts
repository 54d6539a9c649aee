// Keys 1 to 9 in a real, headless Chromium: they correct the class of an image, in the file of the marks.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../../gfsr/annotation/annotation-files.ts';
import { withCorrectedClasses } from '../../../gfsr/annotation/classes.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import { buildStudio, expectUsable } from '../../support/studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-classes-'));
const dataset = await loadDataset('decoy-mnist', { limit: 60 });
const WAIT = { timeout: 60_000 };

inChromium('classes by key', () => {
  test('a number says the class of the image: kept beside the marks, and taken back like a mark', async () => {
    const path = join(folder, 'classes.json');
    const marks = await MarkFile.open(path, dataset, 'ann');
    const server = await serving(serveMarkingPage({ page: buildStudio(), dataset, marks }));
    const { tab, faults } = await visit(server.address);
    const says = (text: string) => tab.locator('.spoken', { hasText: text }).waitFor(WAIT);
    const shows = (label: string) => tab.locator('.where b', { hasText: label }).waitFor(WAIT);
    await tab.waitForSelector('canvas.image', WAIT);
    const { classes } = dataset;
    const given = await tab.locator('.where b').innerText();
    const other = classes.findIndex((name) => name !== given && name !== classes[0]);
    await tab.keyboard.press(classes[other]); // classes that are numbers: the digit is the name
    await says(`class ${classes[other]}, corrected`);
    await shows(classes[other]);
    await tab.getByText(`(in the data: ${given})`).waitFor(WAIT);
    await tab.keyboard.press('?');
    await tab.getByText(`class ${classes[other]}`, { exact: true }).waitFor(WAIT);
    await tab.keyboard.press('?');
    await tab.waitForSelector('.saving.saved', WAIT);
    const corrected = await readAnnotationFile(path, dataset);
    const { train } = withCorrectedClasses(dataset, corrected);
    const changed = train.labels.filter((label, i) => label !== dataset.train.labels[i]);
    assert.equal([...changed], [other]);
    assert.is(annotationPlanes(corrected, dataset).size, 0, 'no place is marked');
    await tab.reload();
    await shows(classes[other]);
    await tab.getByLabel('Class of this image').selectOption(given);
    await says(`class ${given}, as in the data`);
    await tab.keyboard.press('z');
    await shows(classes[other]);
    assert.equal(faults, []);
    await expectUsable(tab, 'class corrected');
  });
});

test.run();
