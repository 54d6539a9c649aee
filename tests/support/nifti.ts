// Builds NIfTI files for tests.

/** A NIfTI-1 file of 2 × 2 × 2 bytes 0 to 7, with the voxel sizes of its axes, negative where they run backwards. */
export function nifti(diagonal = [1, 1, 1], type = 2): Uint8Array {
  const bytes = new Uint8Array(360);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [3, 2, 2, 2].forEach((n, i) => void view.setInt16(40 + i * 2, n, true));
  view.setInt16(70, type, true);
  view.setFloat32(108, 352, true);
  view.setInt16(254, 1, true);
  diagonal.forEach((value, i) => void view.setFloat32(280 + i * 20, value, true));
  bytes.set([0x6e, 0x2b, 0x31], 344);
  for (let i = 0; i < 8; i++) bytes[352 + i] = i;
  return bytes;
}
