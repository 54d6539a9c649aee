// stub
import type { Output } from './output.ts';
export async function evaluateCommand(_o: unknown, _out: Output): Promise<number> {
  return 0;
}
