// The roofline, by hand: a machine of 1,000 GFLOP/s and 100 GB/s turns at 10 FLOP a byte.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figuresOf, peaksOf } from '../../bench/roofline.ts';
import { syntheticResult } from './synthetic.ts';

const result = syntheticResult();

test('the peaks are the best of each kind', () => {
  assert.equal(peaksOf(result), { gflops: 1000, gbs: 100 });
  const overheads = [{ name: 'buffer copy', bytes: 1e8, rounds: [0.5] }];
  assert.is(peaksOf({ ...result, overheads }).gbs, 200);
});

test('arithmetic bounds what does much with each byte, memory what does little', () => {
  const [conv, relu] = result.kernels.map((row) => figuresOf(row, peaksOf(result)));
  // 4e8 FLOP in 0.8 ms: 500 GFLOP/s at 400 FLOP a byte.
  assert.equal([conv.bound, conv.intensity, conv.gflops], ['compute', 400, 500]);
  assert.equal([conv.ofPeak, conv.ofRoof], [0.5, 0.5]);
  // 8e6 bytes in 0.16 ms: 50 GB/s at an eighth FLOP a byte.
  assert.equal([relu.bound, relu.intensity, relu.gbs], ['memory', 0.125, 50]);
  assert.equal([relu.ofBandwidth, relu.ofRoof], [0.5, 0.5]);
});

test('the spread is the median with the quartiles', () => {
  const row = { ...result.kernels[0], rounds: [5, 1, 4, 2, 3] };
  const { ms, low, high } = figuresOf(row, peaksOf(result));
  assert.equal([low, ms, high], [2, 3, 4]);
});

test.run();
