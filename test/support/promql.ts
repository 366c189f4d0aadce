import { parser } from '@prometheus-io/lezer-promql';

/** A selector of series in an expression. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** Every name in a PromQL expression. */
export interface ExpressionNames {
  readonly selectors: readonly Selector[];
  /** Labels that it groups by, matches on or copies. */
  readonly groupings: readonly string[];
}

/** Reads the names out of an expression; throws when it is no PromQL. */
export function namesOf(expression: string): ExpressionNames {
  const selectors: { metric: string; matchers: { label: string; operator: string; value: string }[] }[] = [];
  const groupings: string[] = [];
  const textOf = ({ from, to }: { from: number; to: number }): string => expression.slice(from, to);
  parser.parse(expression).iterate({
    enter({ name, node }) {
      if (name === '⚠') throw new Error(`no PromQL at ${node.from}: ${expression}`);
      if (name === 'VectorSelector') {
        const identifier = node.getChild('Identifier');
        selectors.push({ metric: identifier ? textOf(identifier) : '', matchers: [] });
      }
      if (name === 'UnquotedLabelMatcher') {
        const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((kind) =>
          textOf(node.getChild(kind)!),
        );
        selectors.at(-1)!.matchers.push({ label: label!, operator: operator!, value: value!.slice(1, -1) });
      }
      if (name === 'GroupingLabels') groupings.push(...node.getChildren('LabelName').map(textOf));
    },
  });
  return { selectors, groupings };
}
