/** The backends of a server as rows of a table, for the start on a terminal. */
import type { BackendStatus } from '../../server/index.ts';
import type { Paint } from '../kit/color.ts';
import { plain, shortDuration } from '../kit/words.ts';

export interface TableOptions {
  readonly paint: Paint;
  /** Of the terminal; no row is wider. */
  readonly columns: number;
  /** How long each backend took that is connected, by its name. */
  readonly tookMs: ReadonlyMap<string, number>;
  /**
   * What each backend last wrote to stderr. With it, rows tell all that there is to tell of a failure; without, each
   * backend has one row.
   */
  readonly lastWords?: ReadonlyMap<string, readonly string[]>;
}

/** The backends, one after another. */
export function toRows(statuses: readonly BackendStatus[], options: TableOptions): string[] {
  const { columns, lastWords } = options;
  const name = widest(statuses.map((status) => plain(status.name)));
  const transport = widest(statuses.map((status) => status.transport));
  const tools = widest(statuses.map(toolText));
  return statuses.flatMap((status) => {
    const head = `${plain(status.name).padEnd(name)}  ${status.transport.padEnd(transport)}  `;
    const room = Math.max(10, columns - 5 - head.length);
    const { mark, text, paint } = stateOf(status, { ...options, toolsWidth: tools, room });
    const [first = '', ...more] =
      lastWords === undefined ? [cut(text, room)] : wrapped(text, room, columns - 7);
    const words = isFailed(status) ? (lastWords?.get(status.name) ?? []) : [];
    return [
      `  ${mark} ${head}${paint(first)}`,
      ...more.map((line) => `      ${paint(line)}`),
      ...words.map((line) => `      ${options.paint.faint(cut(plain(line), Math.max(10, columns - 7)))}`),
    ];
  });
}

/** `4 of 5 backends, 38 tools, code mode on` */
export function toSummary(
  statuses: readonly BackendStatus[],
  { toolCount, codeMode }: { readonly toolCount: number; readonly codeMode?: { readonly enabled: boolean } },
): string {
  const serving = statuses.filter(({ health }) => health === 'healthy' || health === 'asleep').length;
  const backends = `${serving} of ${statuses.length} ${statuses.length === 1 ? 'backend' : 'backends'}`;
  return `${backends}, ${toolCount} ${toolCount === 1 ? 'tool' : 'tools'}, code mode ${codeMode?.enabled === true ? 'on' : 'off'}`;
}

interface State {
  readonly mark: string;
  readonly text: string;
  paint(text: string): string;
}

function stateOf(
  status: BackendStatus,
  { paint, tookMs, toolsWidth, room }: TableOptions & { readonly toolsWidth: number; readonly room: number },
): State {
  const { good, bad, faint } = paint;
  switch (status.health) {
    case 'healthy':
      return {
        mark: good('✓'),
        text: connected(status, toolsWidth, tookMs.get(status.name), room),
        paint: asIs,
      };
    case 'unknown':
      return { mark: faint('…'), text: 'connecting', paint: faint };
    case 'asleep':
      return { mark: faint('-'), text: 'connects when it is needed', paint: faint };
    case 'degraded':
    case 'unhealthy':
      return { mark: bad('✗'), text: reasonOf(status), paint: bad };
    case 'unauthenticated':
      return { mark: bad('✗'), text: `credentials are missing or refused: ${reasonOf(status)}`, paint: bad };
  }
}

function asIs(text: string): string {
  return text;
}

function isFailed({ health }: BackendStatus): boolean {
  return health !== 'healthy' && health !== 'unknown' && health !== 'asleep';
}

/** `17 tools  2025-11-25, 0.8 s`, of which the latter is left out where there is no room. */
function connected(
  status: BackendStatus,
  toolsWidth: number,
  tookMs: number | undefined,
  room: number,
): string {
  const tools = toolText(status).padStart(toolsWidth);
  const took = tookMs === undefined ? '' : `, ${shortDuration(tookMs)}`;
  const whole = `${tools}  ${status.revision ?? ''}${took}`;
  return whole.length <= room ? whole : tools.trim();
}

function toolText({ tools }: BackendStatus): string {
  return `${tools} ${tools === 1 ? 'tool' : 'tools'}`;
}

/** The error without the backend's name, which stands before it. */
function reasonOf({ name, error = 'it has not answered' }: BackendStatus): string {
  return plain(error).replace(`backend "${name}" `, '');
}

/** A text as lines: the first of one width, the others of another. */
function wrapped(text: string, firstRoom: number, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '') {
    const width = Math.max(10, lines.length === 0 ? firstRoom : room);
    const space = rest.lastIndexOf(' ', width);
    const end = rest.length <= width ? rest.length : space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return lines;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
