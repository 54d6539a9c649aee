// Settings as others may see them: the folders of this machine are nobody else's business.

import { type Config, withChanges } from './config.ts';

/** Of each absolute path in a text of paths separated by commas, the last part; everything else as it is. */
export const withoutFolders = (paths: string): string =>
  paths
    .split(',')
    .map((path) =>
      /^\s*([/\\~]|[a-z]:[/\\])/i.test(path) ? (path.split(/[/\\]/).at(-1) as string) : path,
    )
    .join(',');

/** The settings without the folders of absolute paths: what files that are passed on say. */
export const portable = (config: Config): Config =>
  withChanges(config, {
    data: { source: withoutFolders(config.data.source) },
    model: { init: withoutFolders(config.model.init) },
    annotation: { source: withoutFolders(config.annotation.source) },
    guidance: { loss: withoutFolders(config.guidance.loss) },
  });
