/**
 * The processor time, in milliseconds, that this process spends on `work`. For bounds on what hostile input may cost: unlike
 * the time on the clock it does not grow while other programs have the processor, or while this one is stopped.
 */
export function cpuMs(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}
