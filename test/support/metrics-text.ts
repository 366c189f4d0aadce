/** One sample of a Prometheus text page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads a page of Prometheus text; throws on a line that is neither a comment nor a sample. */
export function parseMetrics(page: string): Sample[] {
  const samples: Sample[] = [];
  for (const text of page.split('\n')) {
    if (text === '' || text.startsWith('#')) continue;
    const match = line.exec(text);
    if (!match) throw new Error(`expected a sample of Prometheus text, found ${JSON.stringify(text)}`);
    const labels: Record<string, string> = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(label)) labels[String(key)] = String(value);
    samples.push({ name: String(match[1]), labels, value: Number(match[3]) });
  }
  return samples;
}

/** The sum of the samples with this name whose labels include those given; undefined when there is none. */
export function sumOf(
  samples: Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const found = samples.filter(
    (sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** The four series of `toolhive_vmcp_tool_calls_total`. */
export interface ToolCallCounts {
  readonly scriptSuccess: number;
  readonly scriptError: number;
  readonly callSuccess: number;
  readonly callError: number;
}

/** Reads the four series; NaN for one that is missing, which equals no expectation. */
export function toolCallCounts(samples: Sample[]): ToolCallCounts {
  const read = (method: string, status: string): number =>
    sumOf(samples, 'toolhive_vmcp_tool_calls_total', { method, status }) ?? Number.NaN;
  return {
    scriptSuccess: read('execute_tool_script', 'success'),
    scriptError: read('execute_tool_script', 'error'),
    callSuccess: read('tool_call', 'success'),
    callError: read('tool_call', 'error'),
  };
}
