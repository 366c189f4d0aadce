/**
 * The program of a script process. It starts the script thread, whose heap and stack can be given sizes, and is itself
 * always free to end with the gateway, whatever a script does, and to say what the script thread is doing.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Channel } from '../shared/channel.ts';
import { hostFd, outOfMemoryStatus } from '../shared/host-options.ts';
import type { HostOptions, ToHost, Usage, WorkerData } from '../shared/host-options.ts';
import { Whereabouts } from '../shared/whereabouts.ts';
import { codeOf } from '../../../lib/thrown.ts';

function main(options: HostOptions): void {
  // Sent to the gateway too, which lets scripts end first. This process ends when its input does, with the gateway.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.stdin.on('close', () => process.exit()).resume();
  const whereabouts = new Whereabouts();
  const channel = new Channel<Usage, ToHost>(new Socket({ fd: hostFd }), () =>
    channel.send({ cpuMs: cpuMs(), ...whereabouts.read() }),
  );
  const worker = new Worker(new URL(options.workerFile), {
    workerData: { ...options.workerData, cells: whereabouts.cells } satisfies WorkerData,
    env: {},
    argv: [],
    // With no options of its own a thread would have every right; with all of the process's that of starting threads.
    execArgv: process.execArgv.filter((option) => /^--(?:permission|allow-fs-read)\b/u.test(option)),
    resourceLimits: {
      maxOldGenerationSizeMb: options.oldMegabytes,
      maxYoungGenerationSizeMb: options.youngMegabytes,
      stackSizeMb: 8,
    },
  });
  worker.on('error', (error: unknown) => {
    process.exit(codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemoryStatus : 1);
  });
  worker.on('exit', () => process.exit());
}

/** Of all threads of the process since its start. Node 22 cannot tell it of one. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

main(JSON.parse(process.argv[2] ?? '') as HostOptions);
