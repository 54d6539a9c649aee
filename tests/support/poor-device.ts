// A fake device that runs out of memory: lavapipe never does.

/** A device without memory for buffers above `most` bytes. */
export function poorDevice(most: number) {
  class GPUOutOfMemoryError {
    readonly message = 'the fake device has no memory left';
  }
  const listeners: ((event: unknown) => void)[] = [];
  const device = {
    limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
    lost: new Promise(() => {}),
    addEventListener: (_: string, listener: (event: unknown) => void) => listeners.push(listener),
    createBuffer: ({ size }: { size: number }) => {
      if (size > most) {
        for (const listener of listeners) listener({ error: new GPUOutOfMemoryError() });
      }
      return { size, destroy() {} };
    },
    queue: { submit() {}, writeBuffer() {}, onSubmittedWorkDone: async () => {} },
  };
  return device as unknown as GPUDevice;
}
