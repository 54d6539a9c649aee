// Makes one call of a WebGPU device fail: the n-th of those that are watched, as a driver would let it fail.

import { placeOf } from './kinds.ts';

/** How a call fails: the driver has no memory, refuses it, or is gone. */
export const DEVICE_FAULTS = ['out of memory', 'validation', 'lost'] as const;
export type DeviceFault = (typeof DEVICE_FAULTS)[number];

/** The call to fail: its number among the watched calls of its device, from 0. */
export interface FaultyCall {
  readonly number: number;
  readonly fault: DeviceFault;
}

/** A call: its name, what the run was doing, and what called it. */
export interface DeviceCall {
  readonly name: string;
  readonly stage: string;
  /** From `placeOf`; where a fault is injected, only that of the call that fails. */
  readonly place: string;
}

/** The watch of a device. */
export interface DeviceWatch {
  /** The calls so far. */
  readonly calls: readonly DeviceCall[];
  /** What the run is doing now. */
  stage: string;
  /** Ends the watch; the device is as it was. */
  end(): void;
}

type Errors = 'validation' | 'out-of-memory' | 'internal';
type AnyFunction = (...args: never[]) => unknown;

/** What Dawn reports, in a class of the name by which its user knows it. */
class GPUOutOfMemoryError {
  readonly message = 'out of memory (injected)';
}

/**
 * Watches the calls of a device, and lets one of them fail. Refused calls are refused by the driver itself, which is
 * given something wrong; memory that runs out is reported where the driver would report it.
 */
export function watchDevice(device: GPUDevice, failing?: FaultyCall): DeviceWatch {
  const calls: DeviceCall[] = [];
  const restore = [device, device.queue].map(keepProperties);
  const scopes = watchScopes(device);
  const watch = {
    ...{ calls, stage: '' },
    end: () => {
      scopes.close();
      for (const each of restore) each();
    },
  };
  const isNext = (name: string): DeviceFault | undefined => {
    const fails = calls.length === failing?.number;
    const place = fails || !failing ? placeOf(new Error()) : '';
    calls.push({ name, stage: watch.stage, place });
    return fails ? failing.fault : undefined;
  };
  const replace = <F extends AnyFunction>(
    on: object,
    name: string,
    other: (original: F, fault: DeviceFault | undefined) => F,
  ): void => {
    const original = ((on as Record<string, F>)[name] as F).bind(on) as F;
    const wrapped = (...args: never[]) => {
      const fault = isNext(name);
      if (fault === 'lost') device.destroy();
      return other(original, fault)(...args);
    };
    const property = { value: wrapped, configurable: true, enumerable: true, writable: true };
    Object.defineProperty(on, name, property);
  };
  const wrong: GPUComputePipelineDescriptor['compute'] = { module: undefined as never };
  const refused = (descriptor: GPUComputePipelineDescriptor) => ({
    ...descriptor,
    compute: { ...wrong, ...descriptor.compute, entryPoint: 'no such entry point' },
  });

  replace<GPUDevice['createBuffer']>(device, 'createBuffer', (create, fault) => (descriptor) => {
    if (fault === 'out of memory') {
      scopes.report(new GPUOutOfMemoryError() as GPUError);
      return scopes.silently(() => create({ ...descriptor, usage: 0 }));
    }
    const buffer = create(fault === 'validation' ? { ...descriptor, usage: 0 } : descriptor);
    if (descriptor.usage & 1) {
      replace<GPUBuffer['mapAsync']>(buffer, 'mapAsync', (map, fault) => (mode) => {
        if (fault === 'out of memory') return Promise.reject(new Error('mapAsync: out of memory'));
        return fault === 'validation' ? map(mode, 3) : map(mode);
      });
    }
    return buffer;
  });
  replace<GPUDevice['createComputePipeline']>(
    device,
    'createComputePipeline',
    (create, fault) => (descriptor) =>
      create(fault === undefined || fault === 'lost' ? descriptor : refused(descriptor)),
  );
  replace<GPUDevice['createComputePipelineAsync']>(
    device,
    'createComputePipelineAsync',
    (create, fault) => (descriptor) =>
      create(fault === undefined || fault === 'lost' ? descriptor : refused(descriptor)),
  );
  const { queue } = device;
  type Submit = (commands: GPUCommandBuffer[]) => void;
  replace<Submit>(queue, 'submit', (submit, fault) => (commands) => {
    if (fault === 'out of memory') return scopes.report(new GPUOutOfMemoryError() as GPUError);
    return submit(fault === 'validation' ? [invalidCommands(device, scopes)] : commands);
  });
  return watch;
}

/** Returns what puts the object's own properties back as they are now. */
function keepProperties(object: object): () => void {
  const before = Object.getOwnPropertyDescriptors(object);
  return () => {
    for (const name of Object.keys(object)) Reflect.deleteProperty(object, name);
    Object.defineProperties(object, before);
  };
}

/** Commands that the driver refuses when they are submitted. */
function invalidCommands(device: GPUDevice, scopes: Scopes): GPUCommandBuffer {
  return scopes.silently(() => {
    const encoder = device.createCommandEncoder();
    encoder.beginComputePass(); // never ended
    return encoder.finish();
  });
}

interface Scopes {
  /** Reports an error to the innermost scope for it, else as one that nobody catches. */
  report(error: GPUError): void;
  /** Does `work`, whose own errors nobody is told. */
  silently<T>(work: () => T): T;
  /** Closes what is still open, and listens no more. */
  close(): void;
}

/** Stands between the error scopes of a device and its user, so that errors of our own can be put into them. */
function watchScopes(device: GPUDevice): Scopes {
  const open: { filter: Errors; error?: GPUError }[] = [];
  const [push, pop] = [device.pushErrorScope, device.popErrorScope].map((each) =>
    each.bind(device),
  ) as [GPUDevice['pushErrorScope'], GPUDevice['popErrorScope']];
  const listeners: ((event: unknown) => void)[] = [];
  const listen = device.addEventListener.bind(device) as AnyFunction;
  const forget = device.removeEventListener.bind(device) as AnyFunction;
  Object.assign(device, {
    pushErrorScope(filter: Errors) {
      open.push({ filter });
      push(filter);
    },
    async popErrorScope() {
      const scope = open.pop();
      const found = await pop();
      return scope?.error ?? found;
    },
    addEventListener(name: string, listener: (event: unknown) => void) {
      if (name === 'uncapturederror') listeners.push(listener);
      listen(name as never, listener as never);
    },
  });
  return {
    report(error) {
      const scope = open.findLast(({ filter }) => filter === 'out-of-memory');
      if (scope) scope.error ??= error;
      else for (const listener of listeners) listener({ error });
    },
    silently(work) {
      push('validation');
      const result = work();
      pop().catch(() => {});
      return result;
    },
    close() {
      for (const _ of open) pop().catch(() => {});
      for (const listener of listeners) forget('uncapturederror' as never, listener as never);
    },
  };
}
