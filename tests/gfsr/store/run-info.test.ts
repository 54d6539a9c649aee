// The record of a run from a stranger: it names no file outside of its folder.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beginRun, parseRunInfo } from '../../../gfsr/store/run-info.ts';
import { context, dataset } from '../report/synthetic.ts';

const record = (name: string) =>
  JSON.stringify(beginRun(context(dataset()), { [name]: '0'.repeat(64) }));

test('names of files inside the folder are taken', () => {
  for (const name of ['config.json', 'loss/my-loss.ts', 'loss/..beside/x.ts']) {
    assert.ok(parseRunInfo(record(name), 'run.json').inputs?.[name], name);
  }
});

test('names that lead out of it, or are none, are refused', () => {
  for (const name of [
    ...['../../../etc/passwd', '..', '.', '/dev/zero', 'loss/../../x', 'loss/..'],
    ...['a\0b', 'a\\b', ''],
  ]) {
    assert.throws(
      () => parseRunInfo(record(name), 'run.json'),
      /run\.json: inputs.* is .*, expected the name of a file inside the folder\. The file/s,
      name,
    );
  }
});

test.run();
