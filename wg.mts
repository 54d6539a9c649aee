import { createNodeDevice } from './engine/node.ts';
import { Gpu } from './engine/core/gpu.ts';
import * as E from './engine/index.ts';
const nd = await createNodeDevice() as any;
const gpu = nd instanceof Gpu ? nd : new Gpu(nd.device ?? nd, { wait: nd.wait });
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const out: string[] = [];
for (const [n, c, o, s] of [[64, 1, 16, 28], [64, 3, 16, 28], [32, 1, 16, 64], [32, 3, 16, 64], [16, 3, 16, 32]]) {
  const x = gpu.tensor(new Float32Array(n * c * s * s).fill(0.5), [n, c, s, s]);
  const dy = gpu.tensor(new Float32Array(n * o * s * s).fill(0.25), [n, o, s, s]);
  const t: number[] = [];
  for (let i = 0; i < 41; i++) { const a = cpu(); gpu.scope(() => { (E as any).conv2dWeightGrad(x, dy, { padding: 1, weightShape: [o, c, 3, 3] }); }); await gpu.sync(); t.push(cpu() - a); }
  const first = t.shift()!; t.sort((p, q) => p - q);
  out.push(`${n},${c}→${o},${s}: first ${first.toFixed(0)} min ${t[0].toFixed(2)} med ${t[20].toFixed(2)}`);
}
console.log(out.join(' | '));
process.exit(0);
