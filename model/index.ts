// Classifiers, layers, optimisers, schedules and weight files.

export * from './architecture.ts';
export * from './architectures.ts';
export * from './batches.ts';
export * from './calibration.ts';
export * from './classifier.ts';
export * from './decomposition.ts';
export * from './fit.ts';
export * from './freeze.ts';
export * from './gradient-mix.ts';
export * from './layers.ts';
export * from './metrics.ts';
export * from './mobilenet.ts';
export * from './optimizer.ts';
export * from './param-groups.ts';
export * from './pretrained.ts';
export * from './resnet.ts';
export * from './safetensors.ts';
export * from './schedule.ts';
export * from './scores.ts';
export * from './setting.ts';
export * from './small-cnn.ts';
export * from './summary.ts';
export * from './weights.ts';
