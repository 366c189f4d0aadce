/**
 * What to do when backends offer things of the same name. Every strategy is a pure function of what the backends offer,
 * in name order, so the outcome does not depend on which answered first.
 */
export type NameStrategy =
  /** Every name gets its backend's prefix. */
  | { readonly kind: 'prefix'; readonly prefixFormat: string }
  /** Names stay as they are; of several backends the one first in the order has the name. */
  | { readonly kind: 'priority'; readonly order: readonly string[] }
  /** Names stay as they are; a name that several backends offer is given to none until an override parts them. */
  | { readonly kind: 'manual' };

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
 * Prompts have no overrides, so that only their backend can part them: they take its prefix, but for the backends named in
 * a priority order, which keep their names, as in ToolHive.
 */
export function resolvePromptNames<T>(offers: readonly Offer<T>[], strategy: NameStrategy): Resolution<T> {
  if (strategy.kind !== 'priority') {
    const prefixFormat = strategy.kind === 'prefix' ? strategy.prefixFormat : defaultPrefixFormat;
    return resolveNames(offers, { kind: 'prefix', prefixFormat });
  }
  const listed = offers
    .filter(({ backend }) => strategy.order.includes(backend))
    .sort((left, right) => strategy.order.indexOf(left.backend) - strategy.order.indexOf(right.backend));
  const others = offers.filter(({ backend }) => !strategy.order.includes(backend));
  return firstWins([
    ...listed.map((offer) => ({ name: offer.name, offer })),
    ...others.map((offer) => ({ name: withPrefix(offer, defaultPrefixFormat), offer })),
  ]);
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

function groupByName<T>(offers: readonly Offer<T>[]): Map<string, Offer<T>[]> {
  const groups = new Map<string, Offer<T>[]>();
  for (const offer of offers) {
    const group = groups.get(offer.name);
    if (group === undefined) groups.set(offer.name, [offer]);
    else group.push(offer);
  }
  return groups;
}

function lost(loser: Named<unknown>, winner: Named<unknown>): string {
  return `"${loser.name}" of backend "${loser.offer.backend}" is left out: backend "${winner.offer.backend}" has that name`;
}
