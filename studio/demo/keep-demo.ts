// Brings the demo from the page's own server into this browser, with its marks.

import { readDataset } from '../../gfsr/data/dataset-files.ts';
import { decodeText } from '../../gfsr/files/decode-text.ts';
import { readZip } from '../../gfsr/files/zip.ts';
import type { Kept } from '../open/messages.ts';
import { createProject, hasProject, openBrowserProject } from '../storage/browser-project.ts';
import { DEMO_ANNOTATIONS, DEMO_DATA, DEMO_FILE, DEMO_PROJECT as id } from './demo.ts';

/** @throws RangeError if the server does not have it */
export async function keepDemo(address: string): Promise<Kept> {
  if (await hasProject(id)) return { id, isKnown: true };
  const answer = await fetch(address);
  if (!answer.ok) throw new RangeError(`cannot fetch ${address}: status ${answer.status}.`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const entries = readZip(bytes, { where: DEMO_FILE });
  const read = async (name: string) => {
    const entry = entries.find((each) => each.name === name);
    if (!entry) throw new RangeError(`${DEMO_FILE}: there is no ${name} in it.`);
    return entry.read();
  };
  await createProject(id, await readDataset({ read }), DEMO_DATA);
  const project = await openBrowserProject(id);
  await project.addMarks(decodeText(await read(DEMO_ANNOTATIONS), DEMO_FILE), DEMO_FILE);
  project.close();
  return { id, isKnown: false };
}
