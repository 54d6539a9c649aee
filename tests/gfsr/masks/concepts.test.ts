// k-means: planted clusters come back, the same seed gives the same bytes, degenerate data is survived.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { assignConcepts, fitConcepts } from '../../../gfsr/masks/concepts.ts';

/** `rows` points in `dims` around `clusters` far centres; row r belongs to centre r mod clusters. */
function planted(rows: number, dims: number, clusters: number, seed: number) {
  const random = new Random(seed);
  const centers = random.fillNormal(new Float32Array(clusters * dims), 0, 10);
  const data = new Float32Array(rows * dims);
  for (let i = 0; i < data.length; i++) {
    const r = Math.floor(i / dims);
    data[i] = centers[(r % clusters) * dims + (i % dims)] + 0.3 * random.normal();
  }
  return { data, centers };
}

test('planted clusters are recovered, and q is one-hot-like on them', () => {
  const [rows, dims, clusters] = [1000, 6, 5];
  const { data, centers } = planted(rows, dims, clusters, 3);
  const concepts = fitConcepts(data, { dims, clusters, random: new Random(7) });
  const used = new Set<number>();
  for (let k = 0; k < clusters; k++) {
    let [best, bestK] = [Number.POSITIVE_INFINITY, -1];
    for (let j = 0; j < clusters; j++) {
      let d = 0;
      for (let i = 0; i < dims; i++) {
        d += (centers[k * dims + i] - concepts.centers[j * dims + i]) ** 2;
      }
      if (d < best) [best, bestK] = [d, j];
    }
    assert.ok(best < 0.05, `centre ${k} is off by ${best}`);
    used.add(bestK);
  }
  assert.is(used.size, clusters);
  // The squared distance has the mean dims * sd^2 = 0.54; its median lies a little below.
  assert.ok(Math.abs(concepts.inertia - 0.54) < 0.05, `inertia ${concepts.inertia}`);
  assert.ok(concepts.tau > 0.4 && concepts.tau < concepts.inertia, `tau ${concepts.tau}`);
  const q = assignConcepts(concepts, data);
  for (let r = 0; r < rows; r++) {
    const row = q.subarray(r * clusters, (r + 1) * clusters);
    assert.ok(Math.abs(row.reduce((s, v) => s + v, 0) - 1) < 1e-6);
    assert.ok(Math.max(...row) > 0.99);
  }
});

test('the same seed gives the same bytes, another seed others; also on a sample', () => {
  const data = new Random(5).fillNormal(new Float32Array(3000 * 4));
  const fit = (seed: number, fitSample?: number) =>
    fitConcepts(data, { dims: 4, clusters: 8, random: new Random(seed), fitSample });
  assert.equal(fit(1), fit(1));
  assert.equal(fit(1, 500), fit(1, 500));
  assert.not.equal(fit(1).centers, fit(2).centers);
  assert.not.equal(fit(1).centers, fit(1, 500).centers);
});

test('k-means++ seeds spread: before any round, one in each of some far clusters', () => {
  const random = new Random('seeds');
  const data = Float32Array.from(
    { length: 400 },
    (_, r) => 1000 * Math.floor(r / 100) + random.normal(),
  );
  for (let seed = 0; seed < 10; seed++) {
    const options = { dims: 1, clusters: 4, random: new Random(seed), maxIterations: 0 };
    const { centers } = fitConcepts(data, options);
    assert.equal([...centers].map((c) => Math.round(c / 1000)).sort(), [0, 1, 2, 3]);
  }
});

test('more rounds never raise the inertia', () => {
  const data = new Random(9).fillNormal(new Float32Array(800 * 3));
  let last = Number.POSITIVE_INFINITY;
  for (const maxIterations of [0, 1, 2, 5, 20]) {
    const options = { dims: 3, clusters: 10, random: new Random(2), maxIterations, tolerance: 0 };
    const { inertia } = fitConcepts(data, options);
    assert.ok(inertia <= last, `${inertia} after ${last}`);
    last = inertia;
  }
});

test('soft assignment by hand: exp(-d / tau)', () => {
  const concepts = {
    centers: Float32Array.of(0, 2, 4),
    clusters: 3,
    dims: 1,
    tau: 2,
    inertia: 0,
    iterations: 0,
  };
  const weights = [1, 1, 9].map((d) => Math.exp(-d / 2));
  const sum = weights.reduce((s, v) => s + v, 0);
  const q = assignConcepts(concepts, Float32Array.of(1));
  weights.forEach((v, k) => {
    assert.ok(Math.abs(q[k] - v / sum) < 1e-6);
  });
  assert.equal([...assignConcepts({ ...concepts, tau: 0 }, Float32Array.of(1.5))], [0, 1, 0]);
});

test('fewer different rows than clusters: no NaN, every row on a centre', () => {
  const data = Float32Array.from({ length: 40 }, (_, i) => (i % 4 < 2 ? 1 : -1));
  const concepts = fitConcepts(data, { dims: 2, clusters: 5, random: new Random(1) });
  assert.ok(concepts.centers.every(Number.isFinite));
  assert.is(concepts.inertia, 0);
  assert.is(concepts.tau, 0);
  const q = assignConcepts(concepts, data);
  assert.ok(q.every(Number.isFinite));
});

test('bad input names what is wrong', () => {
  const random = new Random(1);
  const fit = (data: Float32Array, dims: number, clusters: number) => () =>
    fitConcepts(data, { dims, clusters, random });
  assert.throws(fit(new Float32Array(7), 2, 1), /got 7 values in rows of 2/);
  assert.throws(fit(new Float32Array(8), 2, 5), /got 5, expected an integer in 1..4/);
  assert.throws(fit(Float32Array.of(1, Number.NaN, 3, 4), 2, 1), /must be finite, got NaN/);
});

test.run();
