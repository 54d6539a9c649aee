// The page: every row of every machine, software marked, nothing loaded from elsewhere.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from '../../bench/report.ts';
import { syntheticResult } from './synthetic.ts';

const hardware = syntheticResult();
const software = syntheticResult({
  adapter: { ...hardware.adapter, description: 'Slow Pipe', isSoftware: true },
  kernels: [...hardware.kernels, { ...hardware.kernels[0], suite: 'matmul', name: 'matmul C' }],
  failures: [{ name: 'pool D', message: 'wrong by 0.5' }],
});

test('has a row for each thing that was timed, and a column group for each machine', () => {
  const page = renderReport([hardware, software]);
  const rows = ['conv A', 'relu B', 'matmul C', 'plain, batch 64', 'plain, cold cache'];
  for (const name of rows) {
    assert.is(page.split(`<th scope="row">${name}</th>`).length, 2, name);
  }
  assert.match(page, /pool D: wrong by 0\.5/);
  assert.is(page.match(/class="chart roofline"/g)?.length, 2);
  // conv A: 4e8 FLOP in 0.8 ms on a machine of 1,000 GFLOP/s.
  assert.match(page, /conv A: 500 GFLOP\/s, 1\.25 GB\/s, 50 % of its compute bound/);
  assert.match(page, /6,400/, 'images a second');
  assert.match(page, /10 %/, 'a tenth of the step without the GPU');
});

test('the picture of each machine can be saved, and stands alone: name, marks, the fastest of each suite', () => {
  const page = renderReport([hardware, software]);
  const files = [
    ...page.matchAll(/download="(roofline-[^"]*\.svg)" href="data:image\/svg\+xml,([^"]*)"/g),
  ];
  assert.equal(files.map(([, name]) => name).length, 2);
  const picture = decodeURIComponent(files[1][2]);
  assert.match(picture, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  for (const text of ['Slow Pipe', 'conv A, 500 GFLOP/s', 'matmul C, 500 GFLOP/s', '<style>']) {
    assert.match(picture, text);
  }
  assert.not.match(picture, /var\(--/);
});

test('a software adapter is marked wherever it is named', () => {
  for (const results of [[hardware, software], [software]]) {
    const page = renderReport(results);
    const body = page.slice(page.indexOf('<body>'));
    const marks = body.match(/Slow Pipe <span class="tag software">software<\/span>/g) ?? [];
    assert.is(marks.length, body.split('Slow Pipe').length - 1);
    assert.match(page, /<b>Software adapter/);
  }
  const alone = renderReport([hardware]);
  assert.not.match(alone.slice(alone.indexOf('<body>')), /software/i);
});

test('stands alone: no script, no link, no foreign text as markup', () => {
  const page = renderReport([hardware, software]);
  assert.not.match(page, /<script|<link|@import|url\(|src=|href="(?!#|data:image\/svg)/);
  assert.match(page, 'Chip &#60;One&#62;');
  assert.not.match(page, 'Chip <One>');
  assert.not.match(page, /NaN|undefined|Infinity/);
});

test.run();
