// An S3-compatible bucket as the store of a queue, with a folder of this machine for what was read from it.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { parse } from '../compare/comparison-file.ts';
import { TrialFiles, trialFile, warmFile } from '../compare/trial-files.ts';
import { formatTrialRecord, parseTrialRecord, type TrialRecord } from '../compare/trial-record.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { contentHash, valueHash } from '../files/content-hash.ts';
import { decodeText } from '../files/decode-text.ts';
import { filesBelow } from '../files/folder-files.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBytesSync } from '../files/read-file.ts';
import { inUserCache } from '../files/user-cache.ts';
import { parseJson, toJson } from '../text/json.ts';
import { Bucket } from './bucket.ts';
import { adapterFolder, copyName, type SharedStore } from './store.ts';

/** Larger files of data are not copied: they are sent whole, from memory. */
const LARGEST = 2 ** 31 - 1;

/** The files of a copy of data. It is written last, so that a copy that has it is whole. */
const contentsSchema = v.object({
  format: v.literal('gfsr-data-copy'),
  version: v.literal(1),
  files: v.array(
    v.object({
      /** Below the copy; empty if the data is one file. No part is `..`. */
      path: v.pipe(v.string(), v.regex(/^(?!.*(^|\/)\.\.?(\/|$))[^\\]*$/, 'a path inside')),
      sha256: v.string(),
    }),
  ),
});

const contentsOf = (copy: string): string => `${copy}.files.json`;
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

export class BucketStore implements SharedStore {
  readonly #bucket: Bucket;
  /** Where this machine keeps what it has read. */
  readonly #cache: string;

  /** @param address `s3://bucket/folder`; @throws RangeError if it is none */
  constructor(address: string) {
    this.#bucket = new Bucket(address);
    this.#cache = inUserCache('stores', valueHash(this.#bucket.address));
  }

  async load(key: string): Promise<TrialRecord | undefined> {
    const name = trialFile(key);
    const found = await this.#bucket.get(name);
    const where = `${this.#bucket.address}/${name}`;
    return found && parseTrialRecord(decodeText(found, where), key, where);
  }

  async save(record: TrialRecord): Promise<void> {
    if (await this.#bucket.has(trialFile(record.key))) return;
    await this.#bucket.put(trialFile(record.key), text(formatTrialRecord(record)));
  }

  async withWarmStart<T>(
    adapter: string,
    key: string,
    body: (files: TrialFiles) => Promise<T>,
  ): Promise<T> {
    const files = new TrialFiles(join(this.#cache, adapterFolder(adapter)));
    const name = `${adapterFolder(adapter)}/${warmFile(key)}`;
    const path = join(files.path, warmFile(key));
    const shared = existsSync(path) ? undefined : await this.#bucket.get(name);
    if (shared) files.write(warmFile(key), shared);
    const result = await body(files);
    if (!shared && existsSync(path) && !(await this.#bucket.has(name))) {
      await this.#bucket.put(name, readBytesSync(path));
    }
    return result;
  }

  async addData(source: string, sha256: string): Promise<string> {
    const copy = copyName(basename(source), sha256);
    if (await this.#bucket.has(contentsOf(copy))) return copy;
    const paths = statSync(source).isDirectory() ? await filesBelow(source) : [''];
    const files = [];
    for (const path of paths) {
      const file = join(source, path);
      const { size } = statSync(file);
      if (size > LARGEST) {
        throw new RangeError(
          `store: ${file} has ${size} bytes, expected at most ${LARGEST}. Copy it to the same path on each machine.`,
        );
      }
      const bytes = readBytesSync(file);
      await this.#bucket.put(objectOf(copy, path), bytes);
      files.push({ path, sha256: contentHash(bytes) });
    }
    const contents = toJson({ format: 'gfsr-data-copy', version: 1, files });
    await this.#bucket.put(contentsOf(copy), text(contents));
    return copy;
  }

  async dataPath(copy: string | undefined): Promise<string | undefined> {
    const contents = copy && (await this.#bucket.get(contentsOf(copy)));
    if (!contents) return undefined;
    const where = `${this.#bucket.address}/${contentsOf(copy)}`;
    const { files } = parse(contentsSchema, parseJson(decodeText(contents, where), where), where);
    for (const { path, sha256 } of files) {
      const own = join(this.#cache, objectOf(copy, path));
      if (existsSync(own)) continue; // appeared whole, after its hash was checked
      const bytes = await this.#bucket.get(objectOf(copy, path));
      if (!bytes || contentHash(bytes) !== sha256) {
        throw new Error(
          `${where}: ${path || copy} is missing or damaged. Delete this object, and push with --with-data again.`,
        );
      }
      makeFolder(dirname(own));
      writeAtomically(own, bytes);
    }
    return join(this.#cache, copy);
  }
}

const objectOf = (copy: string, path: string): string => (path === '' ? copy : `${copy}/${path}`);
