// Temperature scaling against cases solved by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fitTemperature,
  negativeLogLikelihood,
  scaleTemperature,
} from '../../../../gfsr/evaluation/uncertainty/temperature.ts';

const close = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

test('T = 1 changes nothing, T = 2 takes square roots, T = 1/2 squares', () => {
  const probs = [0.8, 0.2, 0.1, 0.9];
  scaleTemperature(probs, 2, 1).forEach((p, i) => {
    close(p, probs[i]);
  });
  const [a, b] = scaleTemperature([0.8, 0.2], 2, 2); // √0.8 : √0.2 = 2 : 1
  close(a, 2 / 3);
  close(b, 1 / 3);
  const [c] = scaleTemperature([0.6, 0.4], 2, 0.5); // 0.36 : 0.16
  close(c, 0.36 / 0.52);
});

test('a classifier that says 0.9 and is right in 3 of 4 gets the temperature ln 9 / ln 3 = 2', () => {
  const probs = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1];
  const labels = [0, 0, 0, 1];
  const temperature = fitTemperature(probs, labels, 2);
  close(temperature, 2, 1e-5); // p = 9^(1/2) / (9^(1/2) + 1) = 3/4, the share that is right
  close(scaleTemperature(probs, 2, temperature)[0], 0.75, 1e-6);
});

test('an unsure classifier gets a temperature below 1; one that is always right the least there is', () => {
  const temperature = fitTemperature([0.6, 0.4, 0.6, 0.4, 0.6, 0.4, 0.4, 0.6], [0, 0, 0, 0], 2);
  close(temperature, Math.log(1.5) / Math.log(3), 1e-5); // again right in 3 of 4
  close(fitTemperature([0.6, 0.4], [0], 2), 1 / 20, 1e-6);
});

test('a probability of 0 keeps the likelihood finite', () => {
  assert.ok(Number.isFinite(negativeLogLikelihood([1, 0], [1], 2)));
  assert.ok(scaleTemperature([1, 0], 2, 3).every(Number.isFinite));
  close(negativeLogLikelihood([0.5, 0.5, 0.25, 0.75], [0, 0], 2), (Math.log(2) + Math.log(4)) / 2);
});

test('says what is wrong', () => {
  assert.throws(() => scaleTemperature([1], 1, 0), /got temperature 0, expected above 0/);
  assert.throws(
    () => scaleTemperature([1, 2, 3], 2, 1),
    /got 3 probabilities, expected whole rows of 2/,
  );
  assert.throws(() => fitTemperature([1, 0], [0, 1], 2), /got 2 probabilities for 2 labels/);
});

test.run();
