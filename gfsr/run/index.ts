// A run on disk: its folder, its figures and pictures, its report, and the models in it.

export * from './model-file.ts';
export * from './report.ts';
export * from './results.ts';
export * from './run-folder.ts';
