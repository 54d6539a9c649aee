// The demo on the Open screen: what it shows, one button, and what came of it before on another machine.

import type { Opening } from '../open/opening.ts';
import result from './result.json' with { type: 'json' };

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function DemoPanel({ opening }: { opening: Opening }) {
  const { machine, seeds } = result;
  const without = seeds.map((seed) => seed['cross-entropy']);
  const guided = seeds.map((seed) => seed.guided);
  const gains = seeds.map((_, i) => Math.round(100 * (guided[i] - without[i])));
  return (
    <section aria-labelledby="demo-title" class="demo">
      <h2 id="demo-title">Or try the demo</h2>
      <p>
        Handwritten digits, each with a square in a corner whose grey gives the answer away. A
        classifier that learns the square instead of the digit is wrong as soon as the square
        misleads. Forty digits are marked for you: train at once, or mark more.
      </p>
      <div class="row">
        <button type="button" onClick={() => void opening.openDemo()}>
          Open the demo
        </button>
      </div>
      <table>
        <caption>
          Computed before, not on your machine: {seeds.length} trainings on {machine}
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Without guidance</th>
            <th scope="col">Guided by 40 marks</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Test digits right where the square misleads</th>
            <td>{percent(mean(without))}</td>
            <td>
              {percent(mean(guided))} ({Math.min(...gains)} to {Math.max(...gains)} points more)
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
