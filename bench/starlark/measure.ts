/** What the comparisons with Go share: the clock, the loop that measures, and Go's side. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What the whole process has used, collecting garbage included: on a busy machine it says more than a clock. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Nanoseconds of processor time of one call: the best of several spells, each a twentieth of the budget or longer.
 * @param budgetMs how much processor time to spend
 */
export async function nanosecondsOf(work: () => Promise<unknown>, budgetMs: number): Promise<number> {
  let best = Infinity;
  const end = cpuMs() + budgetMs;
  for (let calls = 1; cpuMs() < end;) {
    const start = cpuMs();
    for (let i = 0; i < calls; i++) await work();
    const took = cpuMs() - start;
    if (took >= budgetMs / 20) best = Math.min(best, took / calls);
    else calls *= 2;
  }
  return best * 1e6;
}

/** Builds the Go interpreter of Debian's golang-starlark-dev into the folder; the path of the program. */
export function buildGo(folder: string): string {
  const binary = join(folder, 'go-starlark');
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
  execFileSync('go', ['build', '-o', binary, join(import.meta.dirname, 'go', 'main.go')], {
    env,
    stdio: 'inherit',
  });
  return binary;
}
