// Evidence: which segments a stroke touches, several annotators, and the estimator against its formula.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { conceptEvidence, segmentRelevance } from '../../../gfsr/masks/concept-evidence.ts';
import { segmentEvidence } from '../../../gfsr/masks/evidence.ts';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';

const close = (actual: ArrayLike<number>, expected: number[], eps = 1e-6): void => {
  assert.is(actual.length, expected.length);
  expected.forEach((e, i) => {
    assert.ok(Math.abs(actual[i] - e) <= eps, `[${i}] ${actual[i]}, expected ${e}`);
  });
};

// Four segments of 10 x 10 in a 20 x 20 image: 0 | 1 over 2 | 3.
const SEGMENTS = gridSegments({ height: 20, width: 20, rows: 2, cols: 2 });

/** A plane with `mark` in the rectangle [y0, y1) x [x0, x1), over `plane` if one is given. */
function draw(
  mark: number,
  y0: number,
  x0: number,
  y1: number,
  x1: number,
  plane = new Uint8Array(400),
) {
  const out = plane.slice();
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) out[y * 20 + x] = mark;
  return out;
}

test('a stroke over a tenth of a segment touches it, over less it does not', () => {
  // Rows 0..4: 5 x 10 in segment 0, then 2 or 1 columns (10 or 5 of 100 pixels) in segment 1.
  const ten = segmentEvidence(SEGMENTS, [draw(MARK.positive, 0, 0, 5, 12)]);
  close(ten.y, [1, 1, 0, 0]);
  close(ten.w, [1, 1, 0.2, 0.2]);
  const five = segmentEvidence(SEGMENTS, [draw(MARK.positive, 0, 0, 5, 11)]);
  close(five.y, [1, 0, 0, 0]);
  close(five.w, [1, 0.2, 0.2, 0.2]);
  assert.is(five.annotated, true);
});

test('a click far below a tenth touches the segment that holds most of it, and only that', () => {
  const { y, w } = segmentEvidence(SEGMENTS, [draw(MARK.positive, 2, 8, 3, 11)]);
  close(y, [1, 0, 0, 0]);
  close(w, [1, 0.2, 0.2, 0.2]);
  // Held half and half: both.
  close(segmentEvidence(SEGMENTS, [draw(MARK.positive, 2, 9, 3, 11)]).y, [1, 1, 0, 0]);
  // A thin diagonal is one stroke, not six: four pixels in segment 0 against two in segment 3.
  const diagonal = new Uint8Array(400);
  for (let i = 6; i < 12; i++) diagonal[i * 21] = MARK.positive;
  close(segmentEvidence(SEGMENTS, [diagonal]).y, [1, 0, 0, 0]);
  // Each click counts by itself.
  const two = draw(MARK.positive, 15, 15, 16, 16, draw(MARK.positive, 2, 2, 4, 4));
  close(segmentEvidence(SEGMENTS, [two]).y, [1, 0, 0, 1]);
});

test('negative, unknown, untouched and not annotated are four things', () => {
  let plane = draw(MARK.positive, 0, 0, 5, 5);
  plane = draw(MARK.negative, 0, 12, 5, 18, plane);
  plane = draw(MARK.unknown, 12, 2, 18, 8, plane);
  const all = segmentEvidence(SEGMENTS, [plane]);
  close(all.y, [1, 0, 0, 0]);
  close(all.w, [1, 1, 0, 0.2]);
  assert.equal([...all.decided], [1, 1, 0, 0]);
  const none = segmentEvidence(SEGMENTS, [new Uint8Array(400)]);
  close(none.w, [0, 0, 0, 0]);
  assert.is(none.annotated, false);
  assert.is(segmentEvidence(SEGMENTS, []).annotated, false);
  // Who only rejects says nothing of the rest.
  const rejects = segmentEvidence(SEGMENTS, [draw(MARK.negative, 0, 0, 5, 5)]);
  close(rejects.w, [1, 0, 0, 0]);
  close(rejects.y, [0, 0, 0, 0]);
  // … unless nobody anywhere marked anything relevant; "don't know" alone still says nothing.
  const strikeOut = { strikeOut: true };
  const strikes = segmentEvidence(SEGMENTS, [draw(MARK.negative, 0, 0, 5, 5)], strikeOut);
  close(strikes.y, [0, 1, 1, 1]);
  close(strikes.w, [1, 0.2, 0.2, 0.2]);
  assert.equal([...strikes.decided], [1, 0, 0, 0]);
  close(segmentEvidence(SEGMENTS, [draw(MARK.unknown, 0, 0, 5, 5)], strikeOut).w, [0, 0, 0, 0]);
  // 30 positive and 10 negative pixels in one segment.
  const both = draw(MARK.negative, 6, 0, 7, 10, draw(MARK.positive, 0, 0, 3, 10));
  close(segmentEvidence(SEGMENTS, [both]).y, [0.75, 0, 0, 0]);
});

test('several annotators: mean answer, weight falls with disagreement', () => {
  const yes = draw(MARK.positive, 0, 0, 10, 10);
  const no = draw(MARK.positive, 10, 10, 20, 20, draw(MARK.negative, 0, 0, 10, 10));
  const agree = segmentEvidence(SEGMENTS, [yes, yes, new Uint8Array(400)]);
  close(agree.y, [1, 0, 0, 0]);
  close(agree.w, [1, 0.2, 0.2, 0.2]);
  const { y, w } = segmentEvidence(SEGMENTS, [yes, no]);
  // Segment 0: y 1 and 0, variance 1/4. Segment 3: 0 with 0.2 and 1 with 1: mean 5/6, variance 5/36.
  close(y, [0.5, 0, 0, 5 / 6]);
  close(w, [0.5, 0.2, 0.2, 0.6 * (1 - 10 / 36)]);
  // "Don't know" against "yes": the answer stands, at half the weight.
  const unsure = segmentEvidence(SEGMENTS, [yes, draw(MARK.unknown, 0, 0, 10, 10)]);
  close(unsure.y, [1, 0, 0, 0]);
  close(unsure.w, [0.5, 0.1, 0.1, 0.1]);
  assert.equal([...unsure.decided], [1, 0, 0, 0]);
});

test('concept evidence by hand, per class without and with back-off, and pooled', () => {
  // Two concepts, hard assignments; class 0 saw concept 0 as relevant, class 1 as irrelevant.
  const q = Float32Array.of(1, 0, 1, 0, 0.5, 0.5);
  const evidence = { y: Float32Array.of(1, 0, 1), w: Float32Array.of(1, 1, 0.2) };
  const classes = [0, 1, 0];
  const options = { clusters: 2, numClasses: 3 };
  const pooled = conceptEvidence(q, evidence, classes, { ...options, perClass: false });
  const [p0, p1] = [(1.1 + 1) / (2.1 + 2), (0.1 + 1) / (0.1 + 2)];
  close(pooled.rho, [p0, p1, p0, p1, p0, p1]);
  close(pooled.kappa.subarray(0, 2), [2.1 / 4.1, 0.1 / 2.1]);
  const { rho, kappa } = conceptEvidence(q, evidence, classes, options);
  close(rho, [
    (1.1 + 2 * p0) / 3.1,
    (0.1 + 2 * p1) / 2.1,
    (2 * p0) / 3,
    p1, // class 1 never saw concept 1
    p0, // class 2 saw nothing
    p1,
  ]);
  close(kappa, [1.1 / 3.1, 0.1 / 2.1, 1 / 3, 0, 0, 0]);
  // One class alone: the pooled estimate with nothing to back off to is the plain formula.
  const plain = conceptEvidence(q, evidence, [0, 0, 0], {
    clusters: 2,
    numClasses: 1,
    perClass: false,
    strength: 1,
    prior: 0,
  });
  close(plain.rho, [1.1 / 3.1, 0.1 / 1.1]);
});

test('no evidence at all: the prior, with no confidence', () => {
  const evidence = { y: new Float32Array(2), w: new Float32Array(2) };
  const { rho, kappa } = conceptEvidence(Float32Array.of(1, 1), evidence, [0, 0], {
    clusters: 1,
    numClasses: 1,
  });
  close(rho, [0.5]);
  close(kappa, [0]);
});

test('closed form r = q rho, per segment class or one class', () => {
  const evidence = {
    rho: Float32Array.of(0.9, 0.1, 0.5, 0.3),
    kappa: Float32Array.of(0.8, 0.2, 0, 1),
    clusters: 2,
    numClasses: 2,
  };
  const q = Float32Array.of(0.75, 0.25, 0.5, 0.5);
  const mixed = segmentRelevance(q, evidence, [0, 1]);
  close(mixed.r, [0.7, 0.4]);
  close(mixed.kappa, [0.65, 0.5]);
  close(segmentRelevance(q, evidence, 0).r, [0.7, 0.5]);
});

test('bad input names what is wrong', () => {
  assert.throws(() => segmentEvidence(SEGMENTS, [new Uint8Array(9)]), /got 9, expected 400/);
  assert.throws(
    () => segmentEvidence(SEGMENTS, [draw(9, 0, 3, 1, 4)]),
    /bad mark at pixel 3, got 9/,
  );
  assert.throws(() => segmentEvidence(SEGMENTS, [], { theta: 0 }), /bad theta/);
  const evidence = { y: new Float32Array(1), w: new Float32Array(1).fill(1) };
  const options = { clusters: 2, numClasses: 2 };
  assert.throws(
    () => conceptEvidence(new Float32Array(3), evidence, [0], options),
    /lengths differ/,
  );
  assert.throws(
    () => conceptEvidence(new Float32Array(2), evidence, [2], options),
    /got 2, expected 0..1/,
  );
});

test.run();
