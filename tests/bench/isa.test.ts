// No kernel that a GPU is given keeps registers in memory, and none loses its issue share, by a real GPU's compiler.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CARDS, modelTime } from '../../bench/isa/cards.ts';
import { executed } from '../../bench/isa/code.ts';
import { missingPackages } from '../../bench/isa/compiler.ts';
import { FAMILIES, judge } from '../../bench/isa/judge.ts';
import { losses, readRecord, recordOf } from '../../bench/isa/record.ts';
import { createNodeDevice } from '../../engine/node.ts';

const CODE = `BB0:
	s_load_b128 s[4:7], s[2:3], null    ; f4080101
BB1:
	s_cbranch_scc0 BB4                  ; bfa1000a
BB2:
	ds_load_b128 v[0:3], v9             ; dbfc0200
	ds_read2_b64 v[0:3], v9             ; dbfc0200
	v_fmac_f32_e32 v1, v2, v3           ; 560a0702
	v_dual_fmac_f32 v1, v2, v3 :: v_dual_fmac_f32 v4, v5, v6
	s_cbranch_scc1 BB2                  ; bfa20001
BB3:
	s_branch BB1                        ; bfa0fff1
BB4:
	buffer_store_dwordx2 v[0:1], v4, s[4:7], 0 offen ; e0701000
	s_endpgm                            ; bfb00000
`;

test('blocks count as often as the loops around them run', () => {
  assert.equal(executed(CODE, [3, 5]), {
    instructions: 1 + 3 * (1 + 5 * 5 + 1) + 2,
    multiplyAdds: 3 * 5 * 3,
    ldsBytes: 3 * 5 * 32,
    memoryBytes: 8,
  });
  assert.throws(() => executed(CODE, [3]), 'the code has 2 loops, expected 1');
});

test('a launch takes as long as what limits its busiest unit', () => {
  const counts = { instructions: 100, multiplyAdds: 80, ldsBytes: 0, memoryBytes: 0 };
  const card = { ...CARDS.navi21, units: 10, gigahertz: 1, gigabytesPerSecond: 100 };
  const load = { counts, workgroups: 20, threads: 256, bytes: 0 };
  const full = modelTime(card, load);
  assert.equal(full, { microseconds: 0.8, limit: 'issue', peakShare: 0.8 });
  assert.is(modelTime(card, { ...load, workgroups: 21 }).microseconds, 1.2);
  assert.is(modelTime(card, { ...load, bytes: 1e6 }).limit, 'memory');
  assert.is(modelTime(card, { ...load, bytes: 1e6 }).microseconds, 10);
  assert.is(modelTime(card, { ...load, counts: { ...counts, ldsBytes: 400 } }).limit, 'LDS');
  // One wave per unit, on one of its two SIMDs.
  assert.is(modelTime(card, { ...load, workgroups: 10, threads: 64 }).microseconds, 0.2);
});

test('a share that is lost or was never recorded is named', () => {
  const record = { navi21: { a: 0.8, b: 0.8 } };
  assert.equal(losses(record, { navi21: { a: 0.73, b: 0.9 } }), []);
  assert.match(losses(record, { navi21: { a: 0.7 } })[0], 'navi21, a: issue share 0.7, was 0.8');
  assert.match(losses(record, { navi21: { c: 0.7 } })[0], 'not recorded');
});

const missing = missingPackages();
if (missing.length > 0) {
  console.log(`skipped: kernels by GPU compilers, which need ${missing.join(', ')}`);
} else {
  const { device, destroy } = await createNodeDevice({ backend: 'null' });
  test.after(destroy);
  const families = FAMILIES.filter(({ title }) => title === 'RDNA 2' || title === 'RDNA 3');
  const verdicts = judge(device, families);

  for (const { family, variants } of verdicts) {
    test(`no scratch and no spills: ${family.title}`, () => {
      const bad = variants.filter(({ scratch, spills }) => scratch > 0 || spills > 0);
      assert.equal(
        bad.map(({ name, scratch, spills }) => `${name}: scratch ${scratch}, spills ${spills}`),
        [],
      );
    });
  }

  test('issue shares are what they were', () => {
    assert.equal(losses(readRecord(), recordOf(verdicts)), []);
  });
}

test.run();
