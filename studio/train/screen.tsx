// The Train screen: one button, what each stage costs, how long it still takes, and how to stop it.

import { shellCommand } from '../../gfsr/text/shell.ts';
import { STAGES, type Stage } from '../../gfsr/train/train-hooks.ts';
import type { Studio } from '../studio.ts';
import { SaveRun } from './save-run.tsx';
import { StartWeights } from './start-weights.tsx';
import type { Trainer } from './trainer.ts';

/** Side in pixels that a processor trains on in minutes. */
const MODEST = 64;

const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  'warm-start': 'Shared beginning',
  'cross-entropy': 'Training without guidance',
  masks: 'Spreading your marks over all images',
  guided: 'Training guided by your marks',
  measuring: 'Measuring both',
};

export function TrainScreen({ studio }: { studio: Studio }) {
  const { value: desk } = studio.desk;
  if (!desk) return null;
  const trainer = studio.trainer(desk.project);
  const marked = desk.marks.count.value;
  const { value: device } = trainer.device;
  return (
    <section class="train" aria-labelledby="train-title">
      <h2 id="train-title">Train</h2>
      <p>
        Two classifiers are trained from the same beginning on the same images: one without
        guidance, and one that is also taught to look where your marks point. Both are then measured
        on images that neither was trained on. You can go on marking meanwhile; a training keeps the
        marks that it began with.
      </p>
      {device && 'missing' in device ? (
        <NoDevice why={device.missing} trainer={trainer} />
      ) : (
        <>
          <Choice trainer={trainer} isOpening={studio.isOpening} />
          <StartWeights trainer={trainer} />
          <Actions trainer={trainer} marked={marked} />
          <Progress trainer={trainer} />
        </>
      )}
    </section>
  );
}

function NoDevice({ why, trainer }: { why: string; trainer: Trainer }) {
  const { name, file } = trainer.project.dataset;
  const command = shellCommand('gfsr', 'train', '--data', name, '--annotations', file);
  return (
    <>
      <p role="alert">This browser cannot train: {why}</p>
      <p>
        Marking works here all the same. Train with your marks on the command line, in the folder of
        the data
        {trainer.place.kind === 'browser' && `, after you have saved the marks there as ${file}`}:
      </p>
      <p class="command">
        <code>{command}</code>{' '}
        <button type="button" onClick={() => void navigator.clipboard.writeText(command)}>
          Copy the command
        </button>
      </p>
    </>
  );
}

function Choice({ trainer, isOpening }: { trainer: Trainer; isOpening: boolean }) {
  const { isQuick, quick, state, device } = trainer;
  const { height, width } = trainer.project.dataset;
  const isSoftware = device.value && 'isSoftware' in device.value && device.value.isSoftware;
  const choose = (value: boolean, text: string) => (
    <label>
      <input
        type="radio"
        name="length"
        checked={isQuick.value === value}
        disabled={state.value.state === 'running'}
        onChange={() => {
          quick.value = value;
        }}
      />
      {text}
    </label>
  );
  return (
    <fieldset>
      <legend>How long</legend>
      {choose(true, 'Quick: a first look in a few minutes')}
      {choose(false, 'Thorough: for results that you keep')}
      <p class="hint">
        Quick trains for fewer epochs. Where that would still take long, it also takes a classifier
        of fewer channels, by what a step costs here, and says so.
      </p>
      {isSoftware && (
        <p class="hint">
          This browser computes without a graphics card: results are right, but slow. Quick is
          chosen for that reason.
          {Math.max(height, width) > MODEST &&
            ` Images of ${width} × ${height} pixels take long. ${smaller(trainer, isOpening)}`}
        </p>
      )}
    </fieldset>
  );
}

/** How a person gets images that train in minutes; a page that embeds the studio chooses them itself. */
function smaller({ place }: Trainer, isOpening: boolean): string {
  if (place.kind === 'server')
    return `Start gfsr annotate with --side ${MODEST}, and they train in minutes. Your marks stay.`;
  return isOpening ? `Open them with a side of ${MODEST} pixels, and they train in minutes.` : '';
}

function Actions({ trainer, marked }: { trainer: Trainer; marked: number }) {
  const { value: now } = trainer.state;
  const { value: run } = trainer.run;
  // A training that was refused leaves the finished run before it.
  const isEmpty = now.state === 'stopped' && now.isEmpty === true;
  const isOver =
    now.state === 'finished' || ((now.state === 'failed' || isEmpty) && run?.isFinished === true);
  const isPaused = now.state === 'stopped' && now.isPaused && !isEmpty;
  const hasRest = (now.state === 'failed' || now.state === 'stopped') && !isOver && !isEmpty;
  const train = (text: string) => (
    <button
      type="button"
      class={isOver || isPaused ? undefined : 'main'}
      disabled={marked === 0}
      onClick={() => void trainer.train()}
    >
      {text}
    </button>
  );
  if (now.state === 'running') {
    return (
      <div class="row">
        <button type="button" onClick={() => void trainer.stop(true)}>
          Pause
        </button>
        <button type="button" onClick={() => void trainer.stop(false)}>
          Stop
        </button>
      </div>
    );
  }
  const resume = (
    <button type="button" class="main" onClick={() => void trainer.train(true)}>
      Resume
    </button>
  );
  return (
    <>
      <div class="row">
        {isPaused && resume}
        {train(run || (now.state === 'stopped' && !isEmpty) ? 'Train anew' : 'Train')}
        {hasRest && !isPaused && run && resume}
      </div>
      {marked === 0 && <p class="hint">Mark a few images first: ten are a good beginning.</p>}
      {now.state === 'stopped' && (
        <p role="status">
          {now.isPaused ? 'Paused.' : 'Stopped.'}{' '}
          {isEmpty
            ? `No step was trained yet, so there is nothing to resume.${run ? ' The run before is kept.' : ''}`
            : 'Everything computed so far is kept: Resume goes on where it was, with the same result. To train anew replaces it.'}
        </p>
      )}
      {now.state === 'failed' && <p role="alert">The training failed: {now.why}</p>}
      {isOver && run?.leftOut && <p class="hint">{run.leftOut} Thorough leaves nothing out.</p>}
      {isOver && (
        <div class="row">
          <a class="button main" href="#tab=see">
            See where they look
          </a>
          <SaveRun trainer={trainer} />
        </div>
      )}
    </>
  );
}

function Progress({ trainer }: { trainer: Trainer }) {
  const { value: now } = trainer.state;
  if (now.state !== 'running') return null;
  const { progress } = now;
  const { costs, shares, secondsLeft, timing } = progress ?? {};
  return (
    <>
      <p role="status" class="left">
        {secondsLeft === undefined
          ? `Measuring how fast this machine is${timing ? `: ${timing}` : ''} …`
          : progress?.stage === 'writing'
            ? 'Writing results and report …'
            : `${duration(secondsLeft)} left`}
      </p>
      <progress
        aria-label="share of the training that is done"
        max={1}
        value={secondsLeft === undefined ? undefined : progress?.share}
      />
      {secondsLeft === undefined && (
        <p class="hint">
          What the training consists of is compiled, and a few steps of each kind are timed, so that
          the time left can be told. On a slow machine this takes a few minutes.
        </p>
      )}
      {costs && shares && (
        <table class="stages">
          <caption>What it costs on this machine</caption>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Takes</th>
              <th scope="col">Done</th>
            </tr>
          </thead>
          <tbody>
            {STAGES.map((stage) => (
              <tr key={stage} aria-current={progress?.stage === stage ? 'step' : undefined}>
                <th scope="row">{STAGE_WORDS[stage]}</th>
                <td>{duration(costs[stage])}</td>
                <td>{Math.round(100 * shares[stage])} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {progress?.notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  );
}

/** 75 → 1 min 15 s; from ten minutes on without seconds. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return `${h} h ${m} min`;
  return m >= 10 ? `${m} min` : [m > 0 && `${m} min`, `${s} s`].filter(Boolean).join(' ');
}
