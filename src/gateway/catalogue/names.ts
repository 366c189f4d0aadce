/**
 * What to do when backends offer things of the same name. Every strategy is a pure function of what the backends offer,
 * in name order, so the outcome does not depend on which answered first.
 */
export type NameStrategy =
  /** Every name gets its backend's prefix. */
  | { readonly kind: 'prefix'; readonly prefixFormat: string }
  /** Tools keep their names; of several backends the one first in the order has the name. */
  | { readonly kind: 'priority'; readonly order: readonly string[]; readonly promptPrefixFormat?: string }
  /** Tools keep their names; one that several backends offer is given to none until an override parts them. */
  | { readonly kind: 'manual'; readonly promptPrefixFormat?: string };

export const defaultPrefixFormat = '{workload}_';

/** Something with a name, offered by a backend. `name` is the backend's own, or the override's. */
export interface Offer<T> {
  readonly backend: string;
  readonly name: string;
  readonly entry: T;
}

export interface Named<T> {
  /** As clients of the gateway know it. */
  readonly name: string;
  readonly offer: Offer<T>;
}

export interface Resolution<T> {
  readonly named: readonly Named<T>[];
  /** What was left out and why, for the log. */
  readonly problems: readonly string[];
}

/** Gives each offer its name in the aggregate, or none. Offers must come in the order of their backends' names. */
export function resolveNames<T>(offers: readonly Offer<T>[], strategy: NameStrategy): Resolution<T> {
  switch (strategy.kind) {
    case 'prefix':
      return firstWins(offers.map((offer) => ({ name: withPrefix(offer, strategy.prefixFormat), offer })));
    case 'priority':
      return byPriority(offers, strategy.order);
    case 'manual':
      return onlyUnique(offers);
  }
}

/**
 * Prompts have no overrides, so that only their backend can part them: under every strategy they take its prefix, but for
 * the backends named in a priority order, which keep their names, as in ToolHive. So what a prompt is called depends on its
 * backend and the configuration alone. A name that two backends come to all the same, and no order settles, is given to
 * none: whoever allowed or forbade it by name meant one of them.
 */
export function resolvePromptNames<T>(offers: readonly Offer<T>[], strategy: NameStrategy): Resolution<T> {
  const order = strategy.kind === 'priority' ? strategy.order : [];
  const prefixFormat =
    strategy.kind === 'prefix' ? strategy.prefixFormat : (strategy.promptPrefixFormat ?? defaultPrefixFormat);
  const claims = offers.map((offer) => ({
    name: order.includes(offer.backend) ? offer.name : withPrefix(offer, prefixFormat),
    offer,
  }));
  const named: Named<T>[] = [];
  const problems: string[] = [];
  for (const [name, rivals] of groupByName(claims)) {
    const ranked = rivals.toSorted(
      (left, right) => order.indexOf(left.offer.backend) - order.indexOf(right.offer.backend),
    );
    const [winner] = ranked;
    if (winner === undefined) continue;
    if (rivals.length === 1 || rivals.every(({ offer }) => order.includes(offer.backend))) {
      named.push(winner);
      problems.push(...ranked.slice(1).map((loser) => lost(loser, winner)));
    } else {
      const claimants = rivals.map(({ offer }) => `"${offer.name}" of "${offer.backend}"`).join(', ');
      problems.push(
        `"${name}" would be the name of ${claimants}, so it is given to none: ` +
          'rename one of these backends, or use another prefixFormat',
      );
    }
  }
  return { named, problems };
}

function withPrefix(offer: Offer<unknown>, prefixFormat: string): string {
  return prefixFormat.replaceAll('{workload}', () => offer.backend) + offer.name;
}

/** Of equal names the first counts. */
function firstWins<T>(candidates: readonly Named<T>[]): Resolution<T> {
  const taken = new Map<string, Named<T>>();
  const problems: string[] = [];
  for (const candidate of candidates) {
    const winner = taken.get(candidate.name);
    if (winner === undefined) taken.set(candidate.name, candidate);
    else problems.push(lost(candidate, winner));
  }
  return { named: [...taken.values()], problems };
}

function byPriority<T>(offers: readonly Offer<T>[], order: readonly string[]): Resolution<T> {
  const rank = new Map(order.map((backend, index) => [backend, index]));
  const candidates: Named<T>[] = [];
  const problems: string[] = [];
  for (const [name, rivals] of groupByName(offers)) {
    const [winner] = rivals
      .filter(({ backend }) => rank.has(backend))
      .sort((left, right) => (rank.get(left.backend) ?? 0) - (rank.get(right.backend) ?? 0));
    if (rivals.length === 1 || winner !== undefined) {
      const offer = winner ?? rivals[0];
      if (offer === undefined) continue;
      candidates.push({ name, offer });
      for (const rival of rivals)
        if (rival !== offer) problems.push(lost({ name, offer: rival }, { name, offer }));
    } else {
      // None of them is in the order: the prefix parts them, so that nothing is lost.
      candidates.push(...rivals.map((offer) => ({ name: withPrefix(offer, defaultPrefixFormat), offer })));
    }
  }
  const resolved = firstWins(candidates);
  return { named: resolved.named, problems: [...problems, ...resolved.problems] };
}

function onlyUnique<T>(offers: readonly Offer<T>[]): Resolution<T> {
  const named: Named<T>[] = [];
  const problems: string[] = [];
  for (const [name, rivals] of groupByName(offers)) {
    const [only] = rivals;
    if (only !== undefined && rivals.length === 1) named.push({ name, offer: only });
    else {
      const backends = rivals.map(({ backend }) => `"${backend}"`).join(', ');
      problems.push(
        `"${name}" is offered by ${backends}, so it is offered to nobody: ` +
          'give all but one of them another name under aggregation.tools[].overrides',
      );
    }
  }
  return { named, problems };
}

function groupByName<Thing extends { readonly name: string }>(
  things: readonly Thing[],
): Map<string, Thing[]> {
  const groups = new Map<string, Thing[]>();
  for (const thing of things) {
    const group = groups.get(thing.name);
    if (group === undefined) groups.set(thing.name, [thing]);
    else group.push(thing);
  }
  return groups;
}

function lost(loser: Named<unknown>, winner: Named<unknown>): string {
  return `"${loser.name}" of backend "${loser.offer.backend}" is left out: backend "${winner.offer.backend}" has that name`;
}
