import { createNodeDevice } from './engine/node.ts';
import { Gpu } from './engine/core/gpu.ts';
import * as E from './engine/index.ts';
const nd = await createNodeDevice() as any;
const gpu = nd instanceof Gpu ? nd : new Gpu(nd.device ?? nd, { wait: nd.wait });
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const W: any = {}; for (const [o, c] of [[16,1],[16,3],[32,1]]) W[o*10+c] = gpu.tensor(new Float32Array(o*c*9).fill(0.1), [o,c,3,3]);
const out: string[] = [];
for (const [n, c, o, s] of [[64,1,16,28],[64,1,32,28],[16,1,16,28],[32,1,16,64],[8,1,16,224]]) {
  const x = gpu.tensor(new Float32Array(n * c * s * s).fill(0.5), [n, c, s, s]);
  const dy = gpu.tensor(new Float32Array(n * o * s * s).fill(0.25), [n, o, s, s]);
  const t: number[] = [];
  for (let i = 0; i < 41; i++) { const a = cpu(); gpu.scope(() => { (E as any).conv2d(x, W[o*10+c], { padding: 1 }); }); await gpu.sync(); t.push(cpu() - a); }
  const first = t.shift()!; t.sort((p, q) => p - q);
  out.push(`${n},${c}→${o},${s}: first ${first.toFixed(0)} min ${t[0].toFixed(2)} med ${t[20].toFixed(2)}`);
}
console.log(out.join(' | '));
process.exit(0);
