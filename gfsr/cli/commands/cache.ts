// `gfsr cache`: lists the prepared images of data sets that do not fit in memory, and removes them.

import { cacheEntries, cacheFolder, removeEntry } from '../../data/prepared/cache.ts';
import { defineCommand } from '../../terminal/command.ts';
import { grouped, row, table } from '../../text/lines.ts';

export const cache = defineCommand({
  name: 'cache',
  help: 'list the prepared images of data sets that do not fit in memory, or remove them',
  flags: {
    clear: { kind: 'boolean', help: 'remove all that no process is preparing' },
  },
  examples: ['cache', 'cache --clear'],
  async run({ clear }, out) {
    const entries = cacheEntries();
    out.result(row('cache', cacheFolder()));
    if (entries.length === 0) out.result('nothing is prepared');
    else {
      const lines = entries.map(({ key, bytes, index }) => [
        key,
        index?.source ?? '(not whole)',
        `${grouped(Math.ceil(bytes / 2 ** 20))} MiB`,
      ]);
      for (const line of table(lines)) out.result(line);
    }
    if (!clear) return 0;
    const removed = entries.filter(({ key }) => removeEntry(key)).length;
    out.result(`removed ${removed} of ${entries.length}`);
    return 0;
  },
});
