// Makes the pipelines of the WGSL in a JSON file ([{ name, code }]) and lets Dawn print their SPIR-V: `@@ <name>`, then
// the text. Dawn writes to the process's own output, hence a process of its own.

import { readFileSync, writeSync } from 'node:fs';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const instance = create(['enable-dawn-features=dump_shaders']);
const adapter = await instance.requestAdapter();
const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = adapter.limits;
const device = await adapter.requestDevice({
  requiredFeatures: [...adapter.features].filter((name) =>
    ['shader-f16', 'subgroups'].includes(name),
  ),
  requiredLimits: { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup },
});
for (const { name, code } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  writeSync(1, `@@ ${name}\n`);
  const module = device.createShaderModule({ code });
  device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
}
process.exit(); // the adapter would keep the process alive
