/**
 * Loaded before the unit tests (`npm run test:unit`): what opens a port, or starts a process or a thread, throws. A test that
 * needs one is named `x.io.test.ts`.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import workerThreads from 'node:worker_threads';

const refuse = (what: string) =>
  function refused(): never {
    throw new Error(`a unit test ${what}: name its file x.io.test.ts, or give it what it needs another way`);
  };

net.Server.prototype.listen = refuse('opened a port');
net.Socket.prototype.connect = refuse('opened a connection');
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const)
  Object.assign(childProcess, { [name]: refuse('started a process') });
Object.assign(workerThreads, { Worker: refuse('started a thread') });
syncBuiltinESMExports();
