// The benchmark in a browser: the same suite, its report on the page, and the result file to download.

import { createBrowserDevice } from '../engine/browser.ts';
import { type AdapterReport, adapterName } from '../engine/core/adapter.ts';
import { Gpu } from '../engine/core/gpu.ts';
import { renderReport } from './report.ts';
import { type FirstStepRow, type Platform, type Result, SCHEMA_VERSION } from './result.ts';
import { firstStep, firstStepVariants } from './steps.ts';
import { isChosen, runSuite } from './suite.ts';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

/** A device with nothing compiled. An adapter gives only one. */
async function withGpu<T>(body: (gpu: Gpu, adapter: AdapterReport) => Promise<T>): Promise<T> {
  const { device, wait, info } = await createBrowserDevice();
  const gpu = new Gpu(device, { wait });
  try {
    return await body(gpu, info);
  } finally {
    gpu.destroy();
  }
}

/** One time each, because a page cannot start processes or empty the browser's shader cache. */
async function measureFirstSteps(only: string | undefined): Promise<FirstStepRow[]> {
  const rows: FirstStepRow[] = [];
  for (const name of firstStepVariants.filter((v) => isChosen(only, 'first step', v))) {
    const { ms, pipelines } = await withGpu((gpu) => firstStep(gpu, name));
    rows.push({ name, cache: 'unknown', pipelines, rounds: [ms] });
  }
  return rows;
}

const platform = (): Platform => ({
  runtime: 'browser',
  os: navigator.platform || 'unknown',
  processor: 'unknown',
  processors: navigator.hardwareConcurrency,
  versions: { browser: navigator.userAgent },
});

async function measure(quick: boolean, only: string | undefined): Promise<Result> {
  const started = new Date();
  const log = element('log');
  const say = (line: string) => {
    log.textContent += `${line}\n`;
    log.scrollTop = log.scrollHeight;
  };
  say('first steps');
  const firstSteps = await measureFirstSteps(only);
  const measured = await withGpu(async (gpu, adapter) => ({
    adapter,
    ...(await runSuite(gpu, { quick, only, say })),
  }));
  return {
    format: 'gfsr-bench',
    schemaVersion: SCHEMA_VERSION,
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    quick,
    ...(only === undefined ? {} : { only }),
    commit: 'unknown',
    platform: platform(),
    ...measured,
    firstSteps,
  };
}

function show(result: Result): void {
  const link = element<HTMLAnchorElement>('download');
  const json = `${JSON.stringify(result, null, 2)}\n`;
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = `gfsr-bench-${result.started.slice(0, 10)}.json`;
  link.hidden = false;
  const frame = element<HTMLIFrameElement>('report');
  frame.srcdoc = renderReport([result]);
  frame.hidden = false;
}

async function start(): Promise<void> {
  const { info, destroy } = await createBrowserDevice();
  destroy();
  const software = info.isSoftware ? ': a software adapter, its times say nothing about a GPU' : '';
  element('adapter').textContent = adapterName(info) + software;
  const button = element<HTMLButtonElement>('start');
  const status = element('status');
  button.addEventListener('click', async () => {
    button.disabled = true;
    status.textContent = 'measuring … leave this page in front';
    element('log').textContent = '';
    try {
      const only = element<HTMLInputElement>('only').value || undefined;
      show(await measure(element<HTMLInputElement>('quick').checked, only));
      status.textContent = 'done';
    } catch (error) {
      status.textContent = (error as Error).message;
    }
    button.disabled = false;
  });
  button.disabled = false;
}

start().catch((error: Error) => {
  element('adapter').textContent = error.message;
});
