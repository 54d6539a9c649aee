// Objects in an S3-compatible bucket: read and written whole, with signed requests.

import type { AwsClient } from 'aws4fetch';
import { contentHash } from '../files/content-hash.ts';
import { cut, quoted } from '../text/visible.ts';
import { type Advice, cannotBeUsed } from './advice.ts';
import { optional } from './optional.ts';

/** Requests that fail because the server is busy or broken are repeated so often, for some seconds. */
const RETRIES = 5;

/** A server that cannot be reached, or that refuses, by what it says. */
const ADVICE: Advice = {
  known: [
    [
      /AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId|\b403\b/,
      'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.',
    ],
    [/NoSuchBucket/, 'Make the bucket first, or check its name.'],
    [/StorageFull|QuotaExceeded|\b507\b/, 'Make room in it. No trial is lost.'],
  ],
  other: 'Check AWS_ENDPOINT_URL, and that the server runs.',
};

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A bucket, or a folder in it. Server and keys come from the variables that all clients of S3 read. */
export class Bucket {
  /** `s3://bucket/folder`, which has no secret in it. */
  readonly address: string;
  readonly #url: string;
  readonly #keys: Keys;
  #client: AwsClient | undefined;

  /** @throws RangeError if the address is none, or a variable is missing or wrong */
  constructor(address: string) {
    const [, bucket, folder] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)\/?(.*?)\/*$/.exec(address) ?? [];
    if (bucket === undefined || /[?#%@]/.test(folder)) {
      throw new RangeError(`--store: got ${quoted(address)}, expected s3://bucket/folder.`);
    }
    this.address = folder === '' ? `s3://${bucket}` : `s3://${bucket}/${folder}`;
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
      throw new RangeError('store: s3:// needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
    }
    this.#keys = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    };
    const path = folder === '' ? '' : `/${inUrl(folder)}`;
    const endpoint = process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL;
    if (endpoint !== undefined && !/^https?:\/\/[^@]+$/.test(endpoint)) {
      throw new RangeError(
        'store: AWS_ENDPOINT_URL is something else, expected an address such as https://s3.lab:9000.',
      );
    }
    this.#url = endpoint
      ? `${endpoint.replace(/\/+$/, '')}/${bucket}${path}`
      : `https://${bucket}.s3.${regionOf()}.amazonaws.com${path}`;
  }

  /** Undefined if there is no such object. @throws Error if the server cannot be reached, or refuses */
  async get(name: string): Promise<Uint8Array | undefined> {
    return this.#send('GET', name);
  }

  /** Whether there is such an object. */
  async has(name: string): Promise<boolean> {
    return (await this.#send('HEAD', name)) !== undefined;
  }

  /** Writes an object: it appears whole, or not at all, and the server checks its hash. */
  async put(name: string, content: Uint8Array): Promise<void> {
    if (await this.#send('PUT', name, content)) return;
    throw this.#failure('404 while writing');
  }

  /** What the server answers, whole; undefined if there is no such object. */
  async #send(method: string, name: string, content?: Uint8Array): Promise<Uint8Array | undefined> {
    this.#client ??= await connect(this.#keys);
    const body = content as Uint8Array<ArrayBuffer> | undefined;
    const headers = content && { 'x-amz-content-sha256': contentHash(content) };
    let response: Response;
    let answer: Uint8Array;
    try {
      response = await this.#client.fetch(`${this.#url}/${inUrl(name)}`, { method, body, headers });
      answer = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      const { message, cause } = error as Error;
      throw this.#failure(cause instanceof Error && cause.message ? cause.message : message, error);
    }
    if (response.ok) return answer;
    const code = /<Code>([\w.]+)<\/Code>/.exec(new TextDecoder().decode(answer))?.[1];
    if (response.status === 404 && code !== 'NoSuchBucket') return undefined;
    throw this.#failure(`${response.status} ${code ?? response.statusText}`);
  }

  #failure(what: string, cause?: unknown): Error {
    const why = cut(what, 300);
    return new Error(cannotBeUsed(`store: ${this.address}`, why, ADVICE), { cause });
  }
}

const regionOf = (): string =>
  process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1';

/** Each part of a path as it stands in a URL. */
const inUrl = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

async function connect(keys: Keys): Promise<AwsClient> {
  const { AwsClient } = await optional(['aws4fetch'], () => import('aws4fetch'));
  return new AwsClient({ ...keys, service: 's3', region: regionOf(), retries: RETRIES });
}
