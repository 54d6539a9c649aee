// Training in a real, headless Chromium: paused, resumed, seen, its test images opened, and its run taken to Node.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ConfigChanges } from '../../../gfsr/config/config.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import { openTrainings, type ServerTrainings } from '../../../gfsr/serve/training-host.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { parseCsv } from '../../../gfsr/text/csv.ts';
import { inChromium, serving, visit, withoutWebgpu } from '../../support/chromium.ts';
import { buildStudio, expectUsable, give, shoot } from '../../support/studio.ts';
import { writeTiny } from '../../support/tiny-data.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gfsr-train-'));
const data = writeTiny(folder);
const dataset = await loadDataset(data, {});
const marks = join(folder, 'marks.json');
/** Small, so that a processor trains it. */
const settings = {
  data: { source: data },
  model: { widths: [4, 8] },
  masks: { concepts: 5, relevanceNetwork: false, fallback: 'none' as const },
};
const WAIT = { timeout: 400_000 };

let page: string | undefined;

interface Opening {
  readonly trainings?: ServerTrainings;
  readonly given?: ConfigChanges;
  readonly by?: Browser;
}

/** Serves the page with four marked images, and opens it. */
async function open({ trainings, given = settings, by }: Opening = {}) {
  page ??= buildStudio();
  const file = await MarkFile.open(marks, dataset, 'ann');
  for (const image of [0, 1, 2, 3]) {
    const points: [number, number][] = [
      [1, 1],
      [11, 6],
    ];
    const { revision } = file.of(image);
    file.replace(image, [{ kind: 'box', sign: 'positive', points }], revision);
  }
  const server = await serving(
    serveMarkingPage({ page, dataset, marks: file, settings: given, trainings }),
  );
  const { tab, faults } = await visit(server.address, by);
  await tab.waitForSelector('nav.tabs', WAIT);
  return { tab, faults };
}

const button = (tab: Page, name: string) => tab.getByRole('button', { name, exact: true });

inChromium('training', () => {
  test('one button trains; Pause is answered, Resume goes on; See compares; the run goes to Node', async () => {
    const { tab, faults } = await open();
    // In place of a folder of the disk, which only a dialog of the operating system can name.
    await tab.evaluate(`globalThis.showDirectoryPicker = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true })`);
    await tab.getByRole('link', { name: 'Train' }).click();
    await button(tab, 'Train').click();
    assert.is(await button(tab, 'Train').count(), 0, 'a second training could be begun');
    // As long as no share is known, the bar moves, and the page says what is timed.
    await tab.waitForSelector('.train progress:indeterminate', WAIT);
    await tab.getByText('Measuring how fast this machine is: steps').waitFor(WAIT);
    await tab.waitForSelector('.stages', WAIT);
    assert.is(await tab.locator('.train progress:indeterminate').count(), 0);
    await shoot(tab, 'train-running');
    assert.match(await tab.title(), /^\d+ % · /);
    await button(tab, 'Pause').click();
    await tab.waitForSelector('text=Paused.', WAIT);
    await shoot(tab, 'train-paused');
    await expectUsable(tab, 'paused');
    await button(tab, 'Resume').click();
    const ended = await tab.waitForSelector('.train a.button, .train [role=alert]', WAIT);
    assert.is(await ended.textContent(), 'See where they look');
    await shoot(tab, 'train-finished');
    await expectUsable(tab, 'finished');

    const [download] = await Promise.all([
      tab.waitForEvent('download', WAIT),
      button(tab, 'Save the run as a zip file').click(),
    ]);
    const zip = join(folder, 'run.zip');
    await download.saveAs(zip);
    const before = unpack(zip, 'before');
    assert.equal(before['confusion-test.json'], undefined);
    for (const name of ['tiny-run', 'tiny-run-2']) {
      await button(tab, 'Save the run as a folder').click();
      await tab.getByText(`The run is in picked/${name}.`).waitFor(WAIT);
      const sizes = Object.entries(before).map(([file, { length }]) => [`${name}/${file}`, length]);
      const written = Object.entries(await sizesIn(tab, 'picked'));
      assert.equal(
        written.filter(([file]) => file.startsWith(`${name}/`)).sort(),
        sizes.sort(),
        'the folder holds what the zip file holds',
      );
    }

    await give(tab, 'Start from weights', join(folder, 'before', 'guided.safetensors'));
    await tab.getByText('the weights of guided.safetensors').waitFor(WAIT);
    await expectUsable(tab, 'weights');
    await tab.getByLabel('Classifier').selectOption('resnet18');
    await button(tab, 'Train anew').click();
    const refused = tab.locator('.train [role=alert]', { hasText: 'another architecture' });
    await refused.waitFor(WAIT); // and the run before is still there, as See shows
    await shoot(tab, 'train-refused');

    await tab.getByRole('link', { name: 'See', exact: true }).click();
    await tab.waitForSelector('.compare canvas', WAIT);
    await tab.keyboard.press('y');
    await tab.waitForSelector('text=1 of 1 looked at the right place', WAIT);
    await tab.keyboard.press('r'); // taken back, and answered again
    await tab.waitForSelector('text=looked at the right place', { state: 'detached', ...WAIT });
    await tab.waitForSelector('text=Training image 1 of', WAIT);
    await tab.waitForSelector('.compare canvas', WAIT); // no answer counts before the picture is there
    await tab.keyboard.press('y');
    await tab.waitForSelector('text=1 of 1 looked at the right place', WAIT);
    await tab.waitForSelector('.compare canvas', WAIT);
    await shoot(tab, 'see');
    await tab.keyboard.press('?');
    await tab.waitForSelector('.keys', WAIT);
    await expectUsable(tab, 'see, keys');
    await tab.keyboard.press('?');
    await button(tab, 'Open the test images').click();
    await tab.waitForSelector('text=test images, opened on', WAIT);
    await shoot(tab, 'see-test');
    await expectUsable(tab, 'see');
    await tab.reload();
    await tab.waitForSelector('text=1 of 1 looked at the right place', WAIT);
    await tab.waitForSelector('.compare canvas', WAIT);
    await tab.keyboard.press('n');
    await tab.waitForFunction(() => location.hash.includes('tab=mark'), undefined, WAIT);

    await tab.getByRole('link', { name: 'Train' }).click();
    const [after] = await Promise.all([
      tab.waitForEvent('download', WAIT),
      button(tab, 'Save the run as a zip file').click(),
    ]);
    await after.saveAs(zip);
    const run = unpack(zip, 'run');
    const opened = JSON.parse(text(run['confusion-test.json']));
    assert.ok(Date.parse(opened.opened) > 0);
    assert.equal(text(run['annotations.json']), readFileSync(marks, 'utf8'));
    assert.equal(Object.values(JSON.parse(text(run['verdicts.json']))).sort(), [false, true]);

    const metrics = JSON.parse(text(run['metrics.json']));
    const cli = ['--conditions=gfsr-source', '--import', 'tsx', 'gfsr/cli/main.ts'];
    const args = [...cli, 'evaluate', '--run', join(folder, 'run'), '--json'];
    const measured = JSON.parse(execFileSync(process.execPath, args, { cwd: root }).toString());
    for (const arm of ['cross-entropy', 'guided']) {
      const { accuracy, auc } = metrics.arms[arm].evaluation.test;
      const again = JSON.stringify(measured);
      assert.ok(
        again.includes(`"accuracy":${accuracy}`),
        `${arm}: accuracy ${accuracy} in ${again}`,
      );
      assert.ok(auc >= 0 && auc <= 1);
      const said = join(folder, arm);
      const weights = join(folder, 'run', `${arm}.safetensors`);
      const predict = ['predict', '--weights', weights, '--data', data, '--out', said];
      execFileSync(process.execPath, [...cli, ...predict], { cwd: root });
      const rows = parseCsv(readFileSync(join(said, 'predictions.csv'), 'utf8'))
        .map(({ fields: [id, split, label, predicted] }) => ({ id, split, label, predicted }))
        .filter(({ split }) => split === 'test');
      assert.is(rows.length, dataset.test.count);
      const wrong = rows.filter(({ label, predicted }) => label !== predicted);
      const mistakes = parseCsv(text(run['mistakes.csv'])).filter(
        ({ fields }) => fields[0] === arm,
      );
      assert.equal(
        mistakes.map(({ fields: [, id, , predicted] }) => `${id} ${predicted}`).sort(),
        wrong.map(({ id, predicted }) => `${id} ${predicted}`).sort(),
        `${arm}: what the command line says of every test image`,
      );
    }
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('a server trains for the page, which finds the training again when it is loaded anew', async () => {
    const run = join(folder, 'served-run');
    const long = { ...settings, train: { epochs: 500 } };
    const trainings = await openTrainings(run, dataset, long);
    const { tab, faults } = await open({ trainings });
    await tab.getByRole('link', { name: 'Train' }).click();
    await tab.getByText('Thorough').click(); // it must not be over before the page is back
    await button(tab, 'Train').click();
    await tab.waitForSelector('.stages', WAIT);
    await expectUsable(tab, 'running');
    await tab.reload();
    await button(tab, 'Pause').click(WAIT);
    await tab.waitForSelector('text=Paused.', WAIT);
    assert.equal(faults, []);
    await tab.context().close();
    await trainings.close();
    assert.is(RunFolder.open(run).info.status, 'interrupted');
  });

  test('what cannot work is refused by the click, with its reason', async () => {
    const given = { ...settings, masks: { ...settings.masks, sigma: 99 } };
    const { tab, faults } = await open({ given });
    await tab.getByRole('link', { name: 'Train' }).click();
    await button(tab, 'Train').click();
    const refused = tab.locator('.train [role=alert]', { hasText: 'masks.sigma is 99' });
    await refused.waitFor(WAIT);
    await expectUsable(tab, 'refused');
    assert.is(await button(tab, 'Train').isEnabled(), true, 'it can be tried again');
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('without WebGPU the page names the command that trains with these marks', async () => {
    const by = await withoutWebgpu();
    const { tab } = await open({ by });
    await tab.getByRole('link', { name: 'Train' }).click();
    await tab
      .locator('.train [role=alert]', { hasText: 'This browser cannot train' })
      .waitFor(WAIT);
    const command = await tab.locator('.command code').innerText();
    assert.match(command, /^gfsr train --data \S+ --annotations marks\.json$/);
    assert.is(await button(tab, 'Train').count(), 0);
    await shoot(tab, 'train-without-webgpu');
    await expectUsable(tab, 'without WebGPU');
    await by.close();
  });
});

/** Bytes of every file in a folder of the browser's private file system, by path. */
const sizesIn = (tab: Page, top: string): Promise<Record<string, number>> =>
  tab.evaluate(async (name) => {
    const sizes: Record<string, number> = {};
    const root = await navigator.storage.getDirectory();
    const folders = [{ path: '', folder: await root.getDirectoryHandle(name) }];
    for (const { path, folder } of folders) {
      for await (const [key, handle] of folder.entries()) {
        const inside = `${path}${key}`;
        if (handle.kind === 'file') {
          sizes[inside] = (await (handle as FileSystemFileHandle).getFile()).size;
        } else folders.push({ path: `${inside}/`, folder: handle as FileSystemDirectoryHandle });
      }
    }
    return sizes;
  }, top);

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Unpacks a zip into a folder and returns its files. */
function unpack(zip: string, name: string): Record<string, Uint8Array> {
  const files = unzipSync(readFileSync(zip));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, file)), { recursive: true });
    writeFileSync(join(folder, name, file), content);
  }
  return files;
}

test.run();
