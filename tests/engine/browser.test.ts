// Opening a device as a browser does, with Dawn in the place of the browser; and what is said where it fails.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBrowserDevice, Gpu, NoAdapterError } from '../../engine/index.ts';
import { requestNodeAdapter } from '../../engine/node.ts';

/** Runs `body` in a page with these globals. */
async function inPage<T>(page: { gpu?: unknown; isSecureContext?: boolean }, body: () => T) {
  const { gpu, isSecureContext } = page;
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  Object.assign(globalThis, { isSecureContext });
  try {
    return await body();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
    Reflect.deleteProperty(globalThis, 'isSecureContext');
  }
}

test('a device computes, and may be destroyed twice', async () => {
  const gpu = { requestAdapter: async () => (await requestNodeAdapter()).adapter };
  const { device, info, wait, destroy } = await inPage({ gpu }, () => createBrowserDevice());
  assert.ok(info.limits.maxBufferSize > 0);
  assert.equal(await new Gpu(device, { wait }).tensor([[1, 2]]).array(), [[1, 2]]);
  destroy();
  destroy();
});

const noDevice = {
  ...{ info: { vendor: 'v' }, limits: {}, features: new Set() },
  requestDevice: async () => {
    throw new Error('lost');
  },
};

for (const [what, page, message] of [
  ['not in a browser', {}, /this is not a browser\. In Node, use createNodeDevice/],
  ['an insecure page', { isSecureContext: false }, /not secure.*https, or from localhost/],
  ['a browser without WebGPU', { isSecureContext: true }, /this browser has no WebGPU\. Use/],
  [
    'no adapter',
    { isSecureContext: true, gpu: { requestAdapter: async () => null } },
    /no WebGPU adapter\. Turn hardware acceleration on/,
  ],
  [
    'no device',
    { isSecureContext: true, gpu: { requestAdapter: async () => noDevice } },
    /v gave no device \(lost\)\. Reload the page/,
  ],
] as const) {
  test(`${what}: an error says what to do`, async () => {
    const error = await inPage(page, () => createBrowserDevice().catch((e) => e));
    assert.instance(error, NoAdapterError);
    assert.match(error.message, message);
  });
}

test.run();
