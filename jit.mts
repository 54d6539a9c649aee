// node jit.mts FILE...: processor time to compile each at first launch (ms), median of 1; each as variant
import { readFileSync } from 'node:fs';
import { createNodeDevice } from './engine/node.ts';
import { Gpu } from './engine/core/gpu.ts';
const nd = await createNodeDevice() as any;
const gpu = nd instanceof Gpu ? nd : new Gpu(nd.device ?? nd, { wait: nd.wait });
const dev: GPUDevice = gpu.device;
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
async function one(code: string) {
  const module = dev.createShaderModule({ code });
  const pipeline = dev.createComputePipeline({ layout: 'auto', compute: { module } });
  const entries: any[] = [];
  for (const m of code.matchAll(/@binding\((\d+)\) var<(storage|uniform)/g)) {
    const buffer = dev.createBuffer({ size: m[2] === 'uniform' ? 1024 : 1 << 20, usage: m[2] === 'uniform' ? 64 : 128 });
    entries.push({ binding: +m[1], resource: { buffer } });
  }
  const group = dev.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const go = async () => { const e = dev.createCommandEncoder(); const p = e.beginComputePass(); p.setPipeline(pipeline); p.setBindGroup(0, group); p.dispatchWorkgroups(1); p.end(); dev.queue.submit([e.finish()]); await dev.queue.onSubmittedWorkDone(); };
  await gpu.sync();
  const a = cpu(); await Promise.all([go(), gpu.sync()]); const b = cpu(); await Promise.all([go(), gpu.sync()]); const c = cpu();
  return (b - a) - (c - b);
}
await one('@group(0) @binding(0) var<storage, read_write> y: array<f32>; @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) i: vec3u) { y[i.x] = 1.0; }');
for (const f of process.argv.slice(2)) {
  const code = readFileSync(f, 'utf8'); const t: number[] = [];
  for (let i = 0; i < 5; i++) t.push(await one(code.replace('fn main', `fn main`) + `\nconst UNUSED_${i} = ${i};\n`));
  console.log(t.sort((x, y) => x - y).map((v) => v.toFixed(0)).join(' '), f.split('/').pop());
}
process.exit(0);
