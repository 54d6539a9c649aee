// One self-contained page about results: machines side by side, rooflines, and a table for each suite.

import { adapterName } from '../engine/core/adapter.ts';
import { type Html, html, type Value } from '../gfsr/report/html.ts';
import { page } from '../gfsr/report/page.ts';
import { figure, mebibytes, percent } from './format.ts';
import { BENCH_STYLE } from './report-style.ts';
import type { KernelRow, Result } from './result.ts';
import { figuresOf, peaksOf, spreadOf } from './roofline.ts';
import { rooflineChart, suiteMark } from './roofline-chart.ts';
import { median } from './statistics.ts';
import { idleShare, imageRate } from './tables.ts';

/** A table's column: the same for every machine. */
interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row, result: Result) => Value;
  readonly className?: (row: Row, result: Result) => string;
}

/** The page as text. @throws RangeError without a result */
export function renderReport(results: readonly Result[]): string {
  if (results.length === 0) throw new RangeError('report: got no result, expected one or more.');
  const suites = [...new Set(results.flatMap(({ kernels }) => kernels.map(({ suite }) => suite)))];
  const software = results.filter(({ adapter }) => adapter.isSoftware).length;
  const one = results.length === 1;
  const title = one
    ? `Benchmark of ${adapterName(results[0].adapter)}${software > 0 ? ' (software)' : ''}`
    : `Benchmark of ${results.length} machines`;
  return page(
    title,
    html`<header><p class="eyebrow">GFSR · benchmark</p><h1>${one ? html`Benchmark of ${nameOf(results[0])}` : title}</h1>
<p class="lead">Every kernel is checked against float64 before it is timed. Times are medians of rounds in random order, float32 throughout; shares are of what the adapter itself was measured to do.</p>
${software > 0 && html`<p class="badge"><b>${software === results.length ? 'Software adapter.' : 'Software adapters among them.'}</b> Where the processor does the work, times say nothing about a GPU.</p>`}
<div class="machines">${results.map(machineCard)}</div></header>
${failures(results)}
${rooflines(results, suites)}
${stepTables(results)}
${suites.map((suite) => kernelTable(suite, results))}
${METHOD}`,
    BENCH_STYLE,
  ).text;
}

/** The adapter's name; a software adapter is marked wherever it is named. */
const nameOf = ({ adapter, platform }: Result): Html =>
  html`${adapterName(adapter)}${platform.runtime === 'browser' && html` <span class="tag">browser</span>`}${adapter.isSoftware && html` <span class="tag software">software</span>`}`;

const shortCommit = ({ commit }: Result): string => commit.replace(/^([0-9a-f]{8})[0-9a-f]+/, '$1');

function machineCard(result: Result): Html {
  const { adapter, platform, clock, started, quick, seconds, operands } = result;
  const { gflops, gbs } = peaksOf(result);
  const overhead = (start: string) => {
    const found = result.overheads.find(({ name }) => name.startsWith(start));
    return found ? 1000 * median(found.rounds) : Number.NaN;
  };
  const facts: [string, Value][] = [
    ['Driver', [adapter.backend, adapter.vendor, adapter.architecture].filter(Boolean).join(', ')],
    ['Processor', `${platform.processor}, ${platform.processors} logical`],
    ['System', platform.os],
    [
      'Versions',
      Object.entries(platform.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ['Commit', shortCommit(result)],
    ['Clock', `${clock.source}: ${clock.reason}`],
    [
      'Measured',
      `${started.slice(0, 10)}, ${quick ? 'short' : 'full'} run, ${Math.round(seconds)} s${operands === 'f16' ? ', operands of f16' : ''}`,
    ],
  ];
  return html`<section class="machine"><h3>${nameOf(result)}</h3>
<p class="big"><span><b>${figure(gflops)}</b> GFLOP/s</span> <span><b>${figure(gbs)}</b> GB/s copied</span>
<span><b>${figure(overhead('submit'))}</b> µs submit and wait</span> <span><b>${figure(overhead('dispatch'))}</b> µs a dispatch</span></p>
<dl class="facts">${facts.filter(([, fact]) => fact).map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl></section>`;
}

function failures(results: readonly Result[]): Html | undefined {
  const failed = results.filter((result) => result.failures.length > 0);
  if (failed.length === 0) return undefined;
  return html`<section><h2>What failed</h2>${failed.map(
    (result) =>
      html`<h3>${nameOf(result)}</h3><ul class="failures">${result.failures.map(({ name, message }) => html`<li>${name}: ${message}</li>`)}</ul>`,
  )}</section>`;
}

function rooflines(results: readonly Result[], suites: readonly string[]): Html | undefined {
  const charts = results.flatMap((result) => {
    const { kernels } = result;
    const names = { title: nameOf(result), name: adapterName(result.adapter) };
    return rooflineChart({ ...names, kernels, peaks: peaksOf(result), suites }) ?? [];
  });
  if (charts.length === 0) return undefined;
  return html`<section><h2>Rooflines</h2>
<p class="note">Unless its data fit a cache, a kernel can be no higher than the line: on the slope memory is its limit, on the flat part arithmetic. Both were measured on the same adapter in the same run. Below it, the fastest of each suite; hover over a mark for its name. In the tables below, a blue bar is a share of that arithmetic, a green one of that memory.</p>
<p class="suites">${suites.map((suite, i) => html`<span>${suiteMark(i)}${suite}</span>`)}</p>
<div class="rooflines">${charts}</div></section>`;
}

function stepTables(results: readonly Result[]): Html {
  const steps = sideBySide(
    results,
    ({ steps: rows }) => rows,
    ({ name }) => name,
    [
      { title: 'ms', cell: ({ rounds }) => time(rounds) },
      { title: 'images/s', cell: (row) => figure(imageRate(row)) },
      { title: 'JS ms', cell: ({ scriptRounds }) => figure(median(scriptRounds)) },
      { title: 'GPU idle', cell: (row) => percent(idleShare(row) ?? Number.NaN) },
      { title: 'dispatches', cell: ({ dispatches }) => dispatches },
      {
        title: 'MiB of eager',
        cell: ({ plannedBytes, unsharedBytes, eagerBytes }) =>
          html`${mebibytes(plannedBytes)} <small>of ${mebibytes(eagerBytes ?? unsharedBytes)}</small>`,
      },
    ],
  );
  const first = sideBySide(
    results,
    ({ firstSteps }) => firstSteps,
    ({ name, cache }) => `${name}, ${cache} cache`,
    [
      { title: 'ms', cell: ({ rounds }) => time(rounds) },
      { title: 'pipelines', cell: ({ pipelines }) => pipelines },
    ],
  );
  return html`${
    steps &&
    html`<section><h2>Training steps</h2>
<p class="note">conv(1–16) ReLU pool conv(16–32) ReLU pool conv(32–64) ReLU mean dense(2) on 28×28 pixels, Adam; guided: with a relevance loss on Grad-CAM at the named map, or on the input’s gradient. Recorded once, then replayed; inputs are written and losses read every step. Memory: intermediates as planned, of the most that an eager step holds. “JS” is the part of a step until JavaScript has handed it over, “GPU idle” the part in which no pass runs, blank where the GPU’s clock is not trusted.</p>
${steps}</section>`
  }
${first && html`<section><h2>First step</h2><p class="note">From nothing to the first losses at batch 64: recording, compilation, one run, read-back; each in a process of its own.</p>${first}</section>`}`;
}

function kernelTable(suite: string, results: readonly Result[]): Html | undefined {
  const figures = (row: KernelRow, result: Result) => figuresOf(row, peaksOf(result));
  const table = sideBySide(
    results,
    ({ kernels }) => kernels.filter((row) => row.suite === suite),
    ({ name }) => name,
    [
      { title: 'ms', cell: ({ rounds }) => time(rounds) },
      { title: 'GFLOP/s', cell: (row, result) => figure(figures(row, result).gflops) },
      { title: 'GB/s', cell: (row, result) => figure(figures(row, result).gbs) },
      {
        title: 'of its bound',
        className: (row, result) => `share ${figures(row, result).bound}`,
        cell: (row, result) => {
          const { ofRoof, bound } = figures(row, result);
          return html`<span title="bound by ${bound}">${percent(ofRoof)}<span class="track"><span style="width:${(100 * Math.min(1, ofRoof)).toFixed(1)}%"></span></span></span>`;
        },
      },
    ],
  );
  return (
    table && html`<section><h2>${suite[0].toUpperCase() + suite.slice(1)}</h2>${table}</section>`
  );
}

/** Median, with half the distance of the quartiles relative to it if there is more than one sample. */
function time(rounds: readonly number[]): Html {
  const { ms, low, high } = spreadOf(rounds);
  if (rounds.length === 1) return html`${figure(ms)}`;
  return html`${figure(ms)} <small>±${percent((high - low) / 2 / ms)}</small>`;
}

/** A table with a row for each key and the same columns for every machine; nothing if it has no row. */
function sideBySide<Row>(
  results: readonly Result[],
  rowsOf: (result: Result) => readonly Row[],
  keyOf: (row: Row) => string,
  columns: readonly Column<Row>[],
): Html | undefined {
  const machines = results.map((result) => ({
    result,
    rows: new Map(rowsOf(result).map((row) => [keyOf(row), row])),
  }));
  const keys = new Set(machines.flatMap(({ rows }) => [...rows.keys()]));
  if (keys.size === 0) return undefined;
  const edge = (column: number) =>
    `${column === 0 ? 'begin ' : ''}${column === columns.length - 1 ? 'last ' : ''}`;
  return html`<div class="wide"><table class="bench"><thead>
<tr><td></td>${machines.map(({ result }) => html`<th scope="colgroup" class="begin" colspan="${columns.length}">${nameOf(result)}${results.length > 1 && html` <small>${shortCommit(result)}</small>`}</th>`)}</tr>
<tr><td></td>${machines.map(() => columns.map(({ title }, i) => html`<th scope="col" class="${edge(i)}n">${title}</th>`))}</tr></thead><tbody>
${[...keys].map(
  (key) =>
    html`<tr><th scope="row">${key}</th>${machines.map(({ result, rows }) => {
      const row = rows.get(key);
      return columns.map(
        ({ cell, className }, i) =>
          html`<td class="${edge(i)}n ${row && className?.(row, result)}">${row === undefined ? '–' : cell(row, result)}</td>`,
      );
    })}</tr>`,
)}</tbody></table></div>`;
}

const METHOD = html`<section><h2>How it was measured</h2>
<p>All cases are set up and checked first: a sample of each result, both ends included, against float64. Then rounds: in each, every case is timed once, in a new random order, so that what drifts on the machine drifts for all. ± is half the distance between the quartiles of the rounds. GFLOP/s count padding; bytes are the least that any kernel must move, so that GB/s of a kernel that reads an input twice show half.</p>
<p>The peak of arithmetic is the best of hand-written kernels of 8, 12 and 16 independent chains of multiply-adds, that of memory the better of a copying kernel and a buffer copy of 64 MiB, both reads and writes counted. A kernel whose data fit a cache can pass it.</p></section>`;
