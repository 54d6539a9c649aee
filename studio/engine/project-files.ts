// What the engine worker reads of a project by itself, so that no pixel passes through the thread that draws.

import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { readDataset } from '../../gfsr/data/dataset-files.ts';
import type { ProjectPlace } from '../../gfsr/serve/train-calls.ts';
import type { ProjectFiles } from '../../gfsr/serve/training-run.ts';
import type { FileStore } from '../../gfsr/store/stored-run.ts';
import { DATA_SETTINGS } from '../storage/browser-project.ts';
import { type PrivateFiles, privateFiles } from '../storage/private-files.ts';

/** Files of the run begin so. */
const RUN = 'run/';
/** The run of the server's project is kept here. */
const SERVED = 'server';

export function projectFiles(place: ProjectPlace): ProjectFiles {
  const files = privateFiles(place.kind === 'browser' ? place.id : SERVED);
  const run = runFiles(files);
  if (place.kind === 'browser') {
    return {
      run,
      dataset: () => readDataset(files),
      settings: () => dataSettings(files),
    };
  }
  return {
    run,
    dataset: () =>
      readDataset({
        read: async (name) => new Uint8Array(await (await ask(`/api/data/${name}`)).arrayBuffer()),
      }),
    settings: async () => (await ask('/api/settings')).json(),
  };
}

async function dataSettings(files: PrivateFiles): Promise<ConfigChanges> {
  // Projects of earlier versions do not have them.
  if (!(await files.names()).includes(DATA_SETTINGS)) {
    return { data: { source: (await readDataset(files)).name } };
  }
  return JSON.parse(new TextDecoder().decode(await files.read(DATA_SETTINGS)));
}

async function ask(path: string): Promise<Response> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

function runFiles(files: PrivateFiles): FileStore & { clear(): Promise<void> } {
  const names = async () => (await files.names()).filter((name) => name.startsWith(RUN));
  return {
    read: (name) =>
      files.read(RUN + name).catch((error) => {
        if (error instanceof RangeError) return undefined; // there is none
        throw error;
      }),
    write: (name, content) => files.write(RUN + name, content),
    append: (name, content, at) => files.append(RUN + name, content, at),
    list: async () => (await names()).map((name) => name.slice(RUN.length)),
    clear: async () => {
      for (const name of await names()) await files.remove(name);
    },
  };
}
