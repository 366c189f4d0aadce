import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { linter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { EditorState, StateEffect, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  placeholder,
  type Tooltip,
} from '@codemirror/view';
import { metaOf } from '../base/api.ts';
import { complete, type Signature } from './complete.ts';
import { colours, starlark } from './language.ts';

export interface EditorProps {
  readonly label: string;
  /** What the editor holds at first, and again whenever `round` has changed. */
  readonly value: string;
  /** Changes where `value` is to replace what was written; what is written comes back late, and must not. */
  readonly round: number;
  readonly onChange: (text: string) => void;
  /** Ctrl or Cmd and Enter. */
  readonly onRun: () => void;
  /** What is wrong with a text, by offsets into it. */
  readonly check: (text: string) => readonly Fault[];
  readonly hint: string;
  /** Functions and values to offer; none for a text that is no script. */
  readonly signatures?: readonly Signature[];
  readonly variables?: readonly string[];
  readonly small?: boolean;
}

export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** Has the text checked once more: what it is checked against has changed. */
const checkAgain = StateEffect.define<null>();

/** A CodeMirror editor. Tab indents; Escape and then Tab leaves it. */
export function Editor(props: EditorProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const state = EditorState.create({
      doc: latest.current.value,
      extensions: extensions(() => latest.current),
    });
    const made = new EditorView({ state, parent });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const made = view.current;
    if (made === undefined || made.state.doc.toString() === props.value) return;
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: props.value } });
  }, [props.round]);
  useEffect(() => {
    view.current?.dispatch({ effects: checkAgain.of(null) });
  }, [props.check]);
  return <div ref={place} class={props.small === true ? 'editor small' : 'editor'} />;
}

function extensions(props: () => EditorProps): Extension[] {
  const { label, hint, signatures } = props();
  return [
    EditorView.cspNonce.of(metaOf('vmcp-nonce')),
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
    EditorView.lineWrapping,
    placeholder(hint),
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of('    '),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    starlark,
    syntaxHighlighting(colours),
    linter(({ state }) => lint(state.doc.toString(), props()), {
      delay: 200,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some((effect) => effect.is(checkAgain))),
    }),
    ...(signatures === undefined ? [] : helpers(props)),
    keymap.of([
      { key: 'Mod-Enter', run: () => (props().onRun(), true) },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) props().onChange(state.doc.toString());
    }),
  ];
}

function helpers(props: () => EditorProps): Extension[] {
  return [
    autocompletion({
      override: [(context) => complete(context, props().signatures ?? [], props().variables ?? [])],
      icons: false,
    }),
    hoverTooltip((view, at) => explain(view, at, props().signatures ?? [])),
  ];
}

function lint(text: string, { check }: EditorProps): Diagnostic[] {
  return check(text).map(({ from, to, message }) => ({
    from: Math.min(from, text.length),
    to: Math.min(Math.max(to, from), text.length),
    severity: 'error',
    message,
  }));
}

function explain(view: EditorView, at: number, signatures: readonly Signature[]): Tooltip | null {
  const word = view.state.wordAt(at);
  if (word === null) return null;
  const signature = signatures.find(({ name }) => name === view.state.sliceDoc(word.from, word.to));
  if (signature === undefined) return null;
  return {
    pos: word.from,
    end: word.to,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'signature-tip';
      const [code, about] = [document.createElement('code'), document.createElement('p')];
      code.textContent = signature.text;
      about.textContent = signature.about;
      dom.append(code, about);
      return { dom };
    },
  };
}
