// The Buffer that the reader of PNG files expects of Node, for workers of browsers.

import { Buffer } from 'buffer/';

/** A call, because bundlers leave out an import that is there only for what it does. */
export const provideBuffer = (): void => void Object.assign(globalThis, { Buffer });
