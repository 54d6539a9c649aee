// The engine worker: owns the device and the data set, and answers everything that the page asks.

import type { EngineCalls } from './calls.ts';
import { EngineDevice } from './device.ts';
import type { Port } from './messages.ts';
import { serveCalls } from './serve-calls.ts';
import { Workspace } from './workspace.ts';

const device = new EngineDevice();
let workspace: Workspace | undefined;

/** @throws Error if no data set is open */
function opened(): Workspace {
  if (!workspace) throw new Error('no data set is open. Open one first.');
  return workspace;
}

serveCalls<EngineCalls>(globalThis as unknown as Port, {
  device: () => device.state(),
  open: (outline) => {
    workspace = new Workspace(outline);
    return undefined;
  },
  images: (block) => {
    opened().add(block);
    return undefined;
  },
});
