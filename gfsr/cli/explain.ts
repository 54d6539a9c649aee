// stub
import type { Output } from './output.ts';
export async function explainCommand(_o: unknown, _out: Output): Promise<number> {
  return 0;
}
