// All deliberate mistakes; some test must see each.
import type { Mutation } from './mutation.ts';
import { engineMutations } from './mutations-engine.ts';
import { kernelMutations } from './mutations-kernels.ts';

export const mutations: readonly Mutation[] = [...kernelMutations, ...engineMutations];
