// Errors that a caller may want to catch by their stable `code`.

/** The GPU device is lost (driver reset, suspended tab, `destroy()`). Nothing on it can be used again. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  readonly code = 'GFSR_DEVICE_LOST';
}

/** A kernel failed to compile, validate or run. The message begins with the kernel's label. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code = 'GFSR_KERNEL';
}

/** The device could not provide the requested memory. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  readonly code = 'GFSR_OUT_OF_MEMORY';
}
