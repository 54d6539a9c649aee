// per-kernel cold CPU: node cold.mts VARIANT
import { createNodeDevice } from './engine/node.ts';
import { Gpu } from './engine/core/gpu.ts';
import { RecordedStep } from './bench/steps.ts';
const variant = process.argv[2] as any;
const nd = await createNodeDevice() as any;
const gpu = nd instanceof Gpu ? nd : new Gpu(nd.device ?? nd, { wait: nd.wait });
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const c0 = cpu(), t0 = performance.now();
const step = await RecordedStep.record(gpu, { variant, batch: 64 });
const c1 = cpu(), t1 = performance.now();
let list: any[] = [];
const replay = gpu.replay.bind(gpu);
(gpu as any).replay = (b: any[]) => { list.push(...b); };
step.run();
(gpu as any).replay = replay;
await gpu.sync();
const seen = new Map<any, any>(); const rows: any[] = [];
for (const e of list) {
  const a = cpu(); const ta = performance.now();
  replay([e]); await gpu.sync();
  const b = cpu(); const tb = performance.now();
  if (!seen.has(e.pipeline)) { seen.set(e.pipeline, 1); rows.push({ label: e.pipeline.label, e, first: b - a, firstWall: tb - ta }); }
}
for (const r of rows) { const a = cpu(), ta = performance.now(); replay([r.e]); await gpu.sync(); r.again = cpu() - a; r.againWall = performance.now() - ta; }
rows.sort((x, y) => (y.firstWall - y.againWall) - (x.firstWall - x.againWall));
console.log(`record cpu ${(c1 - c0).toFixed(0)} wall ${(t1 - t0).toFixed(0)}; kernels ${rows.length}`);
let sw=0, sc=0;
for (const r of rows) { sw += r.firstWall - r.againWall; sc += r.first - r.again; console.log(`${(r.firstWall - r.againWall).toFixed(0).padStart(5)} wall ${(r.first - r.again).toFixed(0).padStart(5)} cpu  run ${r.againWall.toFixed(1).padStart(6)}  ${r.label}`); }
console.log(`sum wall ${sw.toFixed(0)} cpu ${sc.toFixed(0)}`);
process.exit(0);
