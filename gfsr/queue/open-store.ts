// Opens the store of an address: a folder, or an S3-compatible bucket.

import { quoted } from '../text/visible.ts';
import { BucketStore } from './bucket-store.ts';
import { FolderStore } from './folder-store.ts';
import type { SharedStore } from './store.ts';

/** @param address `file:///mnt/lab` or `s3://bucket/folder`; @throws RangeError for another kind of address */
export function openStore(address: string): SharedStore {
  if (address.startsWith('file:')) return new FolderStore(address);
  if (address.startsWith('s3:')) return new BucketStore(address);
  throw new RangeError(
    `--store: got ${quoted(address)}, expected a folder that all machines see, such as file:///mnt/lab, or s3://bucket/folder.`,
  );
}
