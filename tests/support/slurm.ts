// A cluster of SLURM on this machine for a test: one node with two pretended GPUs, in a temporary folder.
// It needs root, and Debian's packages slurm-wlm and munge.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { freePort } from './redis.ts';

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scancel', 'sinfo'];
/** Milliseconds until the node must be ready. */
const READY_MS = 60_000;

/** Why no cluster can be started here; undefined if one can. */
export function whyNoSlurm(): string | undefined {
  const missing = PROGRAMS.filter((name) => spawnSync(name, ['--version']).error);
  if (missing.length > 0) return `no slurm (${missing.join(', ')})`;
  return process.getuid?.() === 0 ? undefined : 'slurm needs root';
}

export class SlurmCluster {
  readonly #folder: string;
  readonly #daemons: ChildProcess[] = [];
  /** For every program that is to reach the cluster. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { SLURM_CONF: join(folder, 'slurm.conf') };
  }

  static async start(folder: string): Promise<SlurmCluster> {
    const cluster = new SlurmCluster(folder);
    try {
      await cluster.#start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #start(): Promise<void> {
    const at = (name: string) => join(this.#folder, name);
    for (const name of ['state', 'spool']) mkdirSync(at(name), { recursive: true });
    chmodSync(this.#folder, 0o755); // munged wants a socket that everyone can reach
    writeFileSync(at('munge.key'), randomBytes(128), { mode: 0o400 });
    for (const gpu of ['gpu0', 'gpu1']) writeFileSync(at(gpu), '');
    writeFileSync(at('gres.conf'), `Name=gpu File=${at('gpu[0-1]')}\n`);
    writeFileSync(at('slurm.conf'), await this.#settings());
    this.#daemon('munged', [
      ...['--foreground', '--force', `--key-file=${at('munge.key')}`],
      ...[`--socket=${at('munge.socket')}`, `--pid-file=${at('munged.pid')}`],
      ...[`--seed-file=${at('munged.seed')}`, '--num-threads=2'],
    ]);
    await this.#until(
      'munged answers',
      () => spawnSync('munge', ['-n', `--socket=${at('munge.socket')}`]).status === 0,
    );
    this.#daemon('slurmctld', ['-D', '-c']);
    this.#daemon('slurmd', ['-D', '-c']);
    await this.#until('the node is idle', () => this.run('sinfo', ['-h', '-o', '%t']) === 'idle\n');
  }

  async #settings(): Promise<string> {
    const host = hostname().split('.')[0];
    const [control, node] = [await freePort(), await freePort()];
    const lines = [
      'ClusterName=gfsr',
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${control}`,
      `SlurmdPort=${node}`,
      'SlurmUser=root',
      'AuthType=auth/munge',
      `AuthInfo=socket=${join(this.#folder, 'munge.socket')}`,
      'CredType=cred/munge',
      `StateSaveLocation=${join(this.#folder, 'state')}`,
      `SlurmdSpoolDir=${join(this.#folder, 'spool')}`,
      `SlurmctldPidFile=${join(this.#folder, 'slurmctld.pid')}`,
      `SlurmdPidFile=${join(this.#folder, 'slurmd.pid')}`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'MpiDefault=none',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_CPU',
      'SchedulerParameters=sched_interval=1,batch_sched_delay=0',
      'KillWait=2',
      'MinJobAge=3600', // so that ended tasks can be counted
      'ReturnToService=2',
      'SlurmdParameters=config_overrides', // this machine may have fewer processors
      'GresTypes=gpu',
      `NodeName=${host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 Gres=gpu:2`,
      `PartitionName=test Nodes=${host} Default=YES MaxTime=01:00:00 State=UP`,
    ];
    return `${lines.join('\n')}\n`;
  }

  #daemon(name: string, args: readonly string[]): void {
    const log = join(this.#folder, `${name}.log`);
    writeFileSync(log, '');
    const child = spawn('sh', ['-c', 'exec "$0" "$@" > "$LOG" 2>&1', name, ...args], {
      env: { ...process.env, ...this.env, LOG: log },
      stdio: 'ignore',
    });
    this.#daemons.unshift(child);
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    for (const end = performance.now() + READY_MS; performance.now() < end; await after(200)) {
      if (holds()) return;
    }
    const logs = ['munged', 'slurmctld', 'slurmd'].map((name) => {
      try {
        return `${name}: ${readFileSync(join(this.#folder, `${name}.log`), 'utf8').slice(-1000)}`;
      } catch {
        return `${name}: not started`;
      }
    });
    throw new Error(`slurm: ${what} not within ${READY_MS / 1000} s.\n${logs.join('\n')}`);
  }

  /** What a program of the cluster prints. */
  run(name: string, args: readonly string[]): string {
    const { stdout } = spawnSync(name, args, {
      encoding: 'utf8',
      env: { ...process.env, ...this.env },
    });
    return stdout ?? '';
  }

  /** Ends all tasks and daemons. */
  async stop(): Promise<void> {
    if (this.run('sinfo', ['-h']) !== '') this.run('scancel', ['--state=RUNNING', '--me']);
    for (const child of this.#daemons) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    }
  }
}
