// DICOM files: told by their content, and read by code that is loaded with the first of them.

import { type ImageFormat, startsWith } from './format.ts';

const PREAMBLE = 128;

export const dicom: ImageFormat = {
  name: 'DICOM',
  extensions: ['.dcm', '.dicom', '.ima'],
  recognises: (bytes) => startsWith(bytes, [0x44, 0x49, 0x43, 0x4d], PREAMBLE),
  async read(bytes, options) {
    const { readDicomImages } = await import('./dicom-images.ts');
    return readDicomImages(bytes, options);
  },
};
