// Classifiers, layers, optimisers, schedules and weight files.

export * from './architecture.ts';
export * from './architectures.ts';
export * from './classifier.ts';
export * from './decomposition.ts';
export * from './layers.ts';
export * from './optimizer.ts';
export * from './resnet.ts';
export * from './safetensors.ts';
export * from './schedule.ts';
export * from './setting.ts';
export * from './small-cnn.ts';
export * from './weights.ts';
