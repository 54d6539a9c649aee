// A run in any storage that keeps files by name, such as a browser's: the same files as in a folder.

import { type Config, defaultConfig } from '../config/config.ts';
import { parseConfig } from '../config/parse.ts';
import { joinBytes } from '../files/join-bytes.ts';
import { contentHashLater, valueHashLater } from '../files/web-hash.ts';
import { parseJson, toJson } from '../text/json.ts';
import { CONFIG, INFO, identityOf, Run } from './run.ts';
import { beginRun, parseRunInfo, type RunContext, type RunInfo } from './run-info.ts';

/** Where files are kept, by name; a name may have folders. */
export interface FileStore {
  /** Undefined if there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces a file as a whole or not at all. */
  write(name: string, content: Uint8Array): Promise<void>;
  /** Replaces what follows byte `at` of a file that exists. What interrupts it may leave a part of it. */
  append(name: string, content: Uint8Array, at: number): Promise<void>;
  /** The names of all files. */
  list(): Promise<readonly string[]>;
}

/** Keeps files as long as the program runs. */
export function memoryFiles(): FileStore {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (name) => files.get(name),
    write: async (name, content) => void files.set(name, content),
    append: async (name, content, at) => {
      const before = (files.get(name) ?? new Uint8Array()).subarray(0, at);
      files.set(name, joinBytes([before, content]));
    },
    list: async () => [...files.keys()],
  };
}

/** A run in a `FileStore`. What is written can be read at once, and is stored a moment later, in order. */
export class StoredRun extends Run {
  readonly #store: FileStore;
  /** Hash of what decides which checkpoints belong to the run. */
  readonly #identity: string;
  readonly #unwritten = new Map<string, Uint8Array>();
  #writing: Promise<void> | undefined;

  private constructor(store: FileStore, config: Config, info: RunInfo, identity: string) {
    super(config, info);
    this.#store = store;
    this.#identity = identity;
  }

  /**
   * Begins a run in a store that has none.
   *
   * @param files what else decides the result: contents by name
   */
  static async create(
    store: FileStore,
    config: Config,
    context: RunContext,
    files: ReadonlyMap<string, string | Uint8Array> = new Map(),
  ): Promise<StoredRun> {
    const inputs = new Map<string, string | Uint8Array>([[CONFIG, toJson(config)], ...files]);
    const hashes = await Promise.all(
      [...inputs].map(async ([name, content]) => [name, await contentHashLater(content)]),
    );
    const info = beginRun(context, Object.fromEntries(hashes));
    const run = new StoredRun(store, config, info, await valueHashLater(identityOf(info)));
    for (const [name, content] of inputs) run.write(name, content);
    run.update({}); // last, so that a store with a run.json has a complete run
    await run.settled();
    return run;
  }

  /**
   * Opens the run in a store, to resume it or to use its content; undefined if there is none.
   *
   * @throws RangeError if it is damaged
   */
  static async open(store: FileStore): Promise<StoredRun | undefined> {
    const [config, info] = await Promise.all([CONFIG, INFO].map((name) => store.read(name)));
    if (!config || !info) return undefined;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const settings = parseConfig(Object(parseJson(text(config), CONFIG)), defaultConfig, CONFIG);
    const record = parseRunInfo(text(info), INFO);
    return new StoredRun(store, settings, record, await valueHashLater(identityOf(record)));
  }

  override locate(name: string): string {
    return name;
  }

  override write(name: string, content: string | Uint8Array): string {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.#unwritten.set(name, bytes);
    this.#writing ??= this.#writeAll();
    this.#writing.catch(() => {}); // `settled` throws it
    return name;
  }

  override async read(name: string): Promise<Uint8Array | undefined> {
    return this.#unwritten.get(name) ?? this.#store.read(name);
  }

  protected override async append(name: string, content: Uint8Array, at: number): Promise<void> {
    await this.settled(); // what comes before may still be on its way
    await this.#store.append(name, content, at);
  }

  /** Also tries again what could not be written. */
  override async settled(): Promise<void> {
    if (this.#unwritten.size > 0) this.#writing ??= this.#writeAll();
    await this.#writing;
  }

  /** All files of the run, by name. */
  async files(): Promise<Map<string, Uint8Array>> {
    await this.settled();
    const names = await this.#store.list();
    const contents = await Promise.all(names.map((name) => this.#store.read(name)));
    return new Map(names.map((name, i) => [name, contents[i] as Uint8Array]));
  }

  protected override ownerOf(name: string): string {
    return `${name} of run ${this.#identity}`;
  }

  async #writeAll(): Promise<void> {
    try {
      await undefined; // what is written again at once is stored once
      for (let [next] = this.#unwritten; next; [next] = this.#unwritten) {
        const [name, bytes] = next;
        await this.#store.write(name, bytes);
        // What was written again meanwhile is stored once more.
        if (this.#unwritten.get(name) === bytes) this.#unwritten.delete(name);
      }
    } finally {
      this.#writing = undefined;
    }
  }
}
