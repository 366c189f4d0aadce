/**
 * How much memory script threads get. A container is ended by the kernel when its processes together hold more than it
 * may, so what scripts can take is bounded by what the gateway leaves of it. V8's limit on a thread's heap is the hard
 * bound: at it the thread is lost and replaced, and the gateway goes on. The interpreter's accounts end a script first.
 *
 * Figures are of Node 24 on x64, measured with scripts that fill their memory in different ways: lists of lists, dicts,
 * numbers, texts.
 */
const mebibyte = 2 ** 20;

/** The part of the memory that the gateway's own heap may take: `--max-old-space-size-percentage` of the image. */
export const gatewayHeapShare = 0.3;
/** What the gateway holds outside its heap: 35 MiB of Node's own, and buffers of what passes through. */
const gatewayBesideHeapBytes = 60 * mebibyte;
/** What a script process holds beside the heap of its thread. */
const processBytes = 30 * mebibyte;
/** Heap for each byte that the interpreter counts: empty lists take four times their estimate, texts once. */
const heapPerHeldByte = 4;
/** Less than this runs no script that is worth starting. */
const smallestHeapBytes = 36 * mebibyte;

/** New objects: a smaller space makes scripts with much garbage slower by a third, and nothing else. */
const youngMegabytes = { usual: 48, small: 12 };
/** A heap that has less than this gets the small space for new objects. */
const usualHeapMegabytes = 384;

/** What the script threads of one gateway get. */
export interface ScriptMemory {
  readonly threads: number;
  /** The most that the heap of one thread may take. */
  readonly heapBytes: number;
}

/**
 * Divides what the gateway leaves of `totalBytes` among script threads: as many as there are processors to spare, but no
 * more than have room for a script of `memoryLimitBytes` each; at least one.
 * @param totalBytes what the gateway and its script processes may hold together
 */
export function scriptMemory(totalBytes: number, processors: number, memoryLimitBytes: number): ScriptMemory {
  const left = totalBytes * (1 - gatewayHeapShare) - gatewayBesideHeapBytes;
  const wanted = processBytes + heapFor(memoryLimitBytes);
  const threads = Math.max(1, Math.min(processors - 1, Math.floor(left / wanted)));
  return { threads, heapBytes: Math.max(smallestHeapBytes, Math.floor(left / threads) - processBytes) };
}

function heapFor(limitBytes: number): number {
  const old = heapPerHeldByte * limitBytes;
  return old + youngMegabytesOf(old / mebibyte + youngMegabytes.usual) * mebibyte;
}

/** The largest `memoryLimit` that a heap of that size has room for, in bytes as the interpreter counts them. */
export function largestLimitBytes(heapBytes: number): number {
  const megabytes = heapBytes / mebibyte;
  return Math.floor(((megabytes - youngMegabytesOf(megabytes)) * mebibyte) / heapPerHeldByte);
}

/** What V8 is told of a thread's heap. */
export interface ThreadHeap {
  readonly oldMegabytes: number;
  readonly youngMegabytes: number;
}

/** What decides about a thread's heap. */
export interface ThreadNeeds {
  /** What the scripts of this thread may hold together before it stops the largest of them. */
  readonly memoryBudgetBytes: number;
  /** The largest single script. */
  readonly memoryLimitBytes: number;
  /** The most that the heap may take; unbounded unless given. */
  readonly heapBytes?: number;
}

/**
 * The heap that V8 may use: twice what the interpreter's accounts allow, since they are an estimate, and room for two
 * scripts at their limit; less where there is less. The accounts stop a script before this is reached.
 */
export function threadHeap({ memoryBudgetBytes, memoryLimitBytes, heapBytes }: ThreadNeeds): ThreadHeap {
  const wanted = Math.ceil((2 * memoryBudgetBytes + 2 * memoryLimitBytes) / mebibyte) + 64;
  const bound = Math.floor((heapBytes ?? Infinity) / mebibyte);
  if (wanted + youngMegabytes.usual <= bound)
    return { oldMegabytes: wanted, youngMegabytes: youngMegabytes.usual };
  const young = youngMegabytesOf(bound);
  return { oldMegabytes: bound - young, youngMegabytes: young };
}

function youngMegabytesOf(heapMegabytes: number): number {
  return heapMegabytes < usualHeapMegabytes ? youngMegabytes.small : youngMegabytes.usual;
}
