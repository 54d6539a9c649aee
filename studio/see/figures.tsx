// How often both classifiers are right, on validation images and, once they are opened, on test images.

import { useSignal } from '@preact/signals';
import { classScores, type Share, share } from '../../gfsr/evaluation/metrics/class-scores.ts';
import { ARM_NAMES } from '../../gfsr/report/report-table.ts';
import { AS_THEY_ARE, type Confusions } from '../../gfsr/serve/train-calls.ts';
import type { Arm } from '../../gfsr/train/experiment.ts';
import type { Trainer } from '../train/trainer.ts';

const BOTH = ['cross-entropy', 'guided'] as const;

export function Figures({ trainer }: { trainer: Trainer }) {
  const { value: run } = trainer.run;
  const isOpening = useSignal(false);
  const fault = useSignal('');
  if (!run?.validation) return null;
  const { validation, test, classes } = run;
  const open = async () => {
    isOpening.value = true;
    try {
      await trainer.openTest();
    } catch (error) {
      fault.value = (error as Error).message;
    }
    isOpening.value = false;
  };
  return (
    <>
      <h2>How often they are right</h2>
      <p>
        On {validation.labels.length} validation images. Choose by these: mark more, train again,
        compare. Ranges are 95 % intervals: with other images of the same kind, the figure would
        mostly lie within.
      </p>
      <Split images="validation images" confusions={validation.confusions} classes={classes} />
      <h2>Test images</h2>
      {test ? (
        <>
          <p>
            {test.count} test images, opened on{' '}
            <time datetime={test.opened}>{new Date(test.opened).toLocaleString()}</time>; the run
            says so. If you choose by these figures, you need new test images.
          </p>
          <Split images="test images" confusions={test.confusions} classes={classes} />
        </>
      ) : (
        <>
          <p>
            Nobody has looked at the test images yet. Open them once, when all is chosen: that is
            written down with the run.
          </p>
          <button type="button" disabled={isOpening.value} onClick={() => void open()}>
            {isOpening.value ? 'Measuring …' : 'Open the test images'}
          </button>
          {fault.value && <p role="alert">{fault.value}</p>}
        </>
      )}
    </>
  );
}

interface SplitProps {
  readonly images: string;
  readonly confusions: Confusions;
  readonly classes: readonly string[];
}

function Split({ images, confusions, classes }: SplitProps) {
  const conditions = Object.entries(confusions);
  return (
    <>
      {conditions.length > 1 && <Overview {...{ images, confusions, classes }} />}
      {conditions.map(([condition, byArm]) => (
        <section key={condition} class="condition">
          <h3>{wordsOf(condition)}</h3>
          <div class="arms">
            {BOTH.map((arm) => {
              const counts = byArm[arm];
              const of = `${images}, ${condition}`;
              return counts && <Matrix key={arm} {...{ of, arm, counts, classes }} />;
            })}
          </div>
        </section>
      ))}
    </>
  );
}

const wordsOf = (condition: string): string =>
  condition === AS_THEY_ARE ? 'Images as they are' : `Shortcut ${condition}`;

/** How many are right under each condition, side by side. */
function Overview({ images, confusions, classes }: SplitProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a pointer, it is scrolled by its focus
    <section class="scroll" tabIndex={0} aria-label={`how many ${images} are right`}>
      <table>
        <caption>How many {images} are right</caption>
        <thead>
          <tr>
            <td />
            {BOTH.map((arm) => (
              <th key={arm} scope="col">
                {ARM_NAMES[arm]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(confusions).map(([condition, byArm]) => (
            <tr key={condition}>
              <th scope="row">{wordsOf(condition)}</th>
              {BOTH.map((arm) => (
                <td key={arm}>{rightOf(byArm[arm] ?? [], classes.length)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Share of the diagonal, with its interval. */
function rightOf(counts: readonly number[], classes: number): string {
  const total = counts.reduce((a, b) => a + b, 0);
  const right = counts.reduce((sum, n, i) => sum + (i % (classes + 1) === 0 ? n : 0), 0);
  return interval(share(right, total));
}

function Matrix({
  of,
  arm,
  counts,
  classes,
}: {
  of: string;
  arm: Arm;
  counts: readonly number[];
  classes: readonly string[];
}) {
  const scores = classScores(counts, classes.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a pointer, it is scrolled by its focus
    <section class="scroll" tabIndex={0} aria-label={`${ARM_NAMES[arm]}: figures of ${of}`}>
      <table>
        <caption>
          {ARM_NAMES[arm]}: {rightOf(counts, classes.length)} right
        </caption>
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th key={name} scope="col">
                said {name}
              </th>
            ))}
            <th scope="col">Sensitivity</th>
            <th scope="col">Specificity</th>
          </tr>
        </thead>
        <tbody>
          {classes.map((name, truth) => (
            <tr key={name}>
              <th scope="row">is {name}</th>
              {classes.map((said, c) => (
                <td key={said} class={c === truth ? 'diagonal' : undefined}>
                  {counts[truth * classes.length + c]}
                </td>
              ))}
              <td>{interval(scores[truth].sensitivity)}</td>
              <td>{interval(scores[truth].specificity)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** 0.85 of 40 images → 85 % (71 to 93). */
function interval({ value, low, high }: Share): string {
  if (Number.isNaN(value)) return '–';
  const whole = (each: number) => Math.round(100 * each);
  return `${whole(value)} % (${whole(low)} to ${whole(high)})`;
}
