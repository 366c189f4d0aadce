/** Starlark as the editor colours it. What is right or wrong is not decided here but by the language itself. */
import { HighlightStyle, StreamLanguage, type StreamParser } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { isReserved, scriptNames } from '../../starlark/analysis/index.ts';

interface State {
  /** The quotes that end the text that a line began in; empty outside of one. */
  open: string;
}

const builtins: ReadonlySet<string> = new Set(scriptNames);
const constants: ReadonlySet<string> = new Set(['None', 'True', 'False']);

const parser: StreamParser<State> = {
  name: 'starlark',
  startState: () => ({ open: '' }),
  token: (stream, state) => {
    if (state.open !== '') return text(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return 'comment';
    const quotes = stream.match(/^[rbf]{0,2}("""|'''|"|')/i) as RegExpMatchArray | null;
    if (quotes !== null) {
      state.open = quotes[1] ?? '"';
      return text(stream, state);
    }
    if (stream.match(/^(0x[\da-f]+|0o[0-7]+|0b[01]+|\d+(\.\d*)?(e[+-]?\d+)?|\.\d+)/i)) return 'number';
    const name = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null;
    if (name !== null) return kindOf(name[0], stream.peek());
    stream.next();
    return 'operator';
  },
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
};

type Stream = Parameters<StreamParser<State>['token']>[0];

function text(stream: Stream, state: State): string {
  while (!stream.eol()) {
    if (stream.match(state.open)) {
      state.open = '';
      return 'string';
    }
    if (stream.next() === '\\') stream.next();
  }
  // A text in single quotes ends with its line, right or wrong.
  if (state.open.length === 1) state.open = '';
  return 'string';
}

function kindOf(name: string, next: string | undefined): string {
  if (constants.has(name)) return 'atom';
  if (isReserved(name)) return 'keyword';
  if (builtins.has(name)) return 'builtin';
  return next === '(' ? 'function' : 'variableName';
}

export const starlark: StreamLanguage<State> = StreamLanguage.define({
  ...parser,
  tokenTable: { function: tags.function(tags.variableName), builtin: tags.standard(tags.variableName) },
});

export const colours: HighlightStyle = HighlightStyle.define([
  { tag: tags.comment, class: 'syntax-comment' },
  { tag: tags.string, class: 'syntax-string' },
  { tag: [tags.number, tags.atom], class: 'syntax-number' },
  { tag: tags.keyword, class: 'syntax-keyword' },
  { tag: tags.standard(tags.variableName), class: 'syntax-builtin' },
  { tag: tags.function(tags.variableName), class: 'syntax-function' },
]);
