// A simulation of 10,000 trials on many workers: throughput, overhead, and time that kills cost. See docs/scaling.md.
// Usage: node --conditions=gfsr-source --import tsx bench/scaling.ts [--trial-seconds 60] [--operation-ms 1]

import { parseArgs } from 'node:util';
import { Random } from '../engine/core/random.ts';
import { Schedule } from '../gfsr/workers/schedule.ts';

/** What a simulation assumes. Times in seconds. */
export interface Assumptions {
  readonly trials: number;
  readonly workers: number;
  /** Trials that share a warm start. */
  readonly perSeed: number;
  /** Median of a trial's duration, which is log-normal with this spread. */
  readonly trial: number;
  readonly spread: number;
  /** Share of a trial that is its warm start, where it has to be made. */
  readonly warm: number;
  /** What the one server, or the one process that schedules, is busy with per trial. */
  readonly operation: number;
  /** Until a new process can take trials. */
  readonly start: number;
  /** Until a dead worker is noticed. */
  readonly notice: number;
  /** Between two kills of a worker, on average. */
  readonly betweenKills: number;
}

export interface Simulated {
  /** From the first trial to the end of the last. */
  readonly seconds: number;
  /** Share of the workers' time that went into trials that were finished. */
  readonly useful: number;
  readonly kills: number;
  /** Work of killed trials, notice and new processes, in all. */
  readonly lost: number;
  /** Waiting for the server and for warm starts, per trial. */
  readonly waited: number;
  /** Trials that were given up. */
  readonly failed: number;
}

interface Trial {
  readonly key: string;
  readonly warmKey: string;
  readonly seconds: number;
}

/** Runs the real schedule in simulated time. */
export function simulate(assumed: Assumptions): Simulated {
  const random = new Random(assumed.workers, 'scaling');
  const trials = Array.from({ length: assumed.trials }, (_, i): Trial => {
    const normal =
      Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const seconds = assumed.trial * Math.exp(assumed.spread * normal);
    return { key: String(i), warmKey: String(Math.floor(i / assumed.perSeed)), seconds };
  });
  const schedule = new Schedule(trials);
  const made = new Set<string>();
  const events = new Events();
  const idle = new Map<number, number>();
  let serverFree = 0;
  let [now, kills, lost, waited, useful, failed] = [0, 0, 0, 0, 0, 0];

  const begin = (worker: number, since: number): void => {
    const trial = schedule.take();
    if (!trial) {
      idle.set(worker, since);
      return;
    }
    // The server does one thing at a time.
    serverFree = Math.max(serverFree, now) + assumed.operation;
    const from = serverFree;
    waited += from - since;
    const makes = !made.has(trial.warmKey);
    const warm = assumed.warm * trial.seconds;
    const takes = trial.seconds - (makes ? 0 : warm);
    const killed = -assumed.betweenKills * Math.log(1 - random.uniform());
    if (makes && warm < killed) {
      events.at(from + warm, () => {
        made.add(trial.warmKey);
        schedule.warmed(trial);
        wake();
      });
    }
    if (killed < takes) {
      events.at(from + killed + assumed.notice, () => {
        kills++;
        lost += killed + assumed.notice + assumed.start;
        if (!schedule.died(trial)) failed++;
        events.at(now + assumed.start, () => begin(worker, now));
        wake();
      });
    } else {
      events.at(from + takes, () => {
        useful += takes;
        schedule.ended(trial);
        begin(worker, now);
        wake();
      });
    }
  };
  const wake = (): void => {
    const waiting = [...idle];
    idle.clear();
    for (const [worker, since] of waiting) begin(worker, since);
  };

  for (let worker = 0; worker < assumed.workers; worker++) begin(worker, 0);
  let last = 0;
  for (let event = events.next(); event; event = events.next()) {
    now = event.time;
    event.happen();
    if (schedule.isOver && last === 0) last = now;
  }
  return {
    ...{ seconds: last, useful: useful / (last * assumed.workers), kills, lost, failed },
    waited: waited / assumed.trials,
  };
}

interface Event {
  readonly time: number;
  readonly happen: () => void;
}

/** Events in the order of their times: a binary heap. */
class Events {
  readonly #heap: Event[] = [];

  at(time: number, happen: () => void): void {
    const heap = this.#heap;
    let i = heap.push({ time, happen }) - 1;
    for (let up = (i - 1) >> 1; i > 0 && heap[up].time > time; up = (i - 1) >> 1) {
      [heap[i], heap[up]] = [heap[up], heap[i]];
      i = up;
    }
  }

  next(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || last === first) return first;
    heap[0] = last;
    for (let i = 0, down = 1; down < heap.length; down = 2 * i + 1) {
      if (down + 1 < heap.length && heap[down + 1].time < heap[down].time) down++;
      if (heap[i].time <= heap[down].time) break;
      [heap[i], heap[down]] = [heap[down], heap[i]];
      i = down;
    }
    return first;
  }
}

if (process.argv[1]?.endsWith('scaling.ts')) {
  const { values } = parseArgs({
    options: {
      'trial-seconds': { type: 'string', default: '60' },
      spread: { type: 'string', default: '0.3' },
      'operation-ms': { type: 'string', default: '1' },
      'notice-seconds': { type: 'string', default: '45' },
    },
  });
  console.log(
    '| workers | kills | hours | trials per hour | busy with trials | waiting per trial | lost to kills |',
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const betweenKills of [Number.POSITIVE_INFINITY, 6 * 3600, 3600]) {
    for (const workers of [1, 8, 64, 512]) {
      const { seconds, useful, kills, lost, waited } = simulate({
        ...{ trials: 10_000, workers, perSeed: 4, warm: 0.3, start: 5, betweenKills },
        ...{ trial: Number(values['trial-seconds']), spread: Number(values.spread) },
        operation: Number(values['operation-ms']) / 1000,
        notice: Number(values['notice-seconds']),
      });
      const cells = [
        ...[workers, kills, (seconds / 3600).toFixed(2), Math.round((3600 * 10_000) / seconds)],
        ...[
          `${(100 * useful).toFixed(1)} %`,
          `${waited.toFixed(3)} s`,
          `${(lost / 3600).toFixed(2)} h`,
        ],
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
}
