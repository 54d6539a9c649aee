// Errors that a caller may want to catch by their stable `code`.

/** The GPU device is gone (driver reset, tab suspended, `destroy()`): nothing on it can be used again. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  readonly code = 'GFSR_DEVICE_LOST';
}

/** A kernel failed to compile, to validate or to run; the message begins with the kernel's label. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code = 'GFSR_KERNEL';
}

/** The device could not give the memory that was asked for. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  readonly code = 'GFSR_OUT_OF_MEMORY';
}
