// A device that allows less than it could.

/** The device, as if its limits on buffers and bindings were these, in bytes. */
export const narrow = (
  device: GPUDevice,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
): GPUDevice =>
  new Proxy(device, {
    get: (target, key) => {
      if (key === 'limits') return limits;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
