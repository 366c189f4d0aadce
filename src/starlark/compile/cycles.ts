/**
 * The nodes of a graph that can be reached from themselves, in time that grows with nodes and edges added: Tarjan's
 * strongly connected components, with a stack of its own, for a chain of calls may be longer than JavaScript's.
 * @param edges for each node, by its number, those that it leads to
 */
export function onCycles(edges: readonly (readonly number[])[]): Set<number> {
  const found = new Set<number>();
  /** When a node was first met, from 1; 0 for not yet. */
  const met = new Int32Array(edges.length);
  /** The earliest node that is known to be reachable and is still open. */
  const low = new Int32Array(edges.length);
  /** How many of a node's edges have been followed. */
  const followed = new Int32Array(edges.length);
  const isOpen = new Uint8Array(edges.length);
  const open: number[] = [];
  const path: number[] = [];
  let count = 0;

  const enter = (node: number): void => {
    met[node] = low[node] = ++count;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  };

  const leave = (node: number): void => {
    path.pop();
    const before = path.at(-1);
    if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
    if (low[node] !== met[node]) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const each of component) isOpen[each] = 0;
    const isCycle = component.length > 1 || edges[node]!.includes(node);
    if (isCycle) for (const each of component) found.add(each);
  };

  for (let start = 0; start < edges.length; start++) {
    if (met[start] !== 0) continue;
    enter(start);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const next = edges[node]![followed[node]!++];
      if (next === undefined) leave(node);
      else if (met[next] === 0) enter(next);
      else if (isOpen[next] === 1) low[node] = Math.min(low[node]!, met[next]!);
    }
  }
  return found;
}
