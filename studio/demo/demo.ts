// What the demo is: real digits with a square in one corner whose grey gives the class away, and misleads later.

/** With these settings the command line makes the same data set. Its size was chosen by validation images. */
export const DEMO_DATA = { source: 'decoy-mnist', limit: 2000 } as const;

/** Training images that are marked already: on the digit, as a simulated annotator does. */
export const DEMO_MARKS = 40;

/** Beside the page: the files of the data set, and its marks. */
export const DEMO_FILE = 'demo.zip';
export const DEMO_ANNOTATIONS = 'annotations.json';

/** The project of the demo; a person who comes back goes on with it. */
export const DEMO_PROJECT = 'demo';
