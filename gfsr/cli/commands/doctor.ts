// `gfsr doctor`: reports what this machine has, what is missing, and how to fix it.

import { diagnose } from '../../machine/diagnosis.ts';
import { examineMachine } from '../../machine/machine.ts';
import { defineCommand } from '../../terminal/command.ts';

export const doctor = defineCommand({
  name: 'doctor',
  help: 'report what this machine has, what is missing, and how to fix it',
  flags: {},
  async run(_, out) {
    const { lines, ok } = diagnose(await examineMachine());
    for (const line of lines) out.result(line);
    return ok ? 0 : 1;
  },
});
