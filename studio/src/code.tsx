// CodeMirror, with the page's colours.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
    { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--code-type)' },
    { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--code-comment)', fontStyle: 'italic' },
    { tag: [tags.propertyName], color: 'var(--code-type)' },
  ]),
);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '10px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--select) !important' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line)', borderRadius: '8px', overflow: 'hidden', boxShadow: 'var(--shadow)' },
  '.cm-tooltip-autocomplete ul li': { padding: '3px 8px !important', color: 'var(--text)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft) !important', color: 'var(--text) !important' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-wrong': { textDecoration: 'underline wavy var(--red)', textUnderlineOffset: '3px', backgroundColor: 'var(--red-soft)' },
});

const setWrong = StateEffect.define<{ from: number; to: number } | null>();
const wrongField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setWrong))
        return effect.value ? Decoration.set([Decoration.mark({ class: 'cm-wrong' }).range(effect.value.from, effect.value.to)]) : Decoration.none;
    return transaction.docChanged ? Decoration.none : value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface CodeHandle {
  view: EditorView;
  // Underlines the word at a place, and goes there.
  markWrong: (position: number | null) => void;
  setText: (text: string) => void;
}

export type Names = Record<string, { label: string; detail?: string; type?: string }[]>;

export function Code({ language, initial, onChange, onRun, onExplain, schema, defaultSchema, label, hint, readOnly, handle, autoFocus }: {
  language: 'sql' | 'json' | 'text';
  initial: string;
  onChange?: (text: string) => void;
  onRun?: () => void;
  onExplain?: () => void;
  schema?: Names;
  defaultSchema?: string;
  label: string;
  hint?: string;
  readOnly?: boolean;
  handle?: Ref<CodeHandle>;
  autoFocus?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const languageSlot = useRef(new Compartment());
  const calls = useRef({ onChange, onRun, onExplain });
  calls.current = { onChange, onRun, onExplain };
  const languageOf = (): Extension =>
    language === 'sql' ? sql({ dialect: PostgreSQL, schema, defaultSchema, upperCaseKeywords: false }) : language === 'json' ? json() : [];

  useEffect(() => {
    const editor = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          EditorView.cspNonce.of(document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''),
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run: () => (calls.current.onRun?.(), !!calls.current.onRun) },
              { key: 'Mod-Shift-Enter', run: () => (calls.current.onExplain?.(), !!calls.current.onExplain) },
            ]),
          ),
          languageSlot.current.of(languageOf()),
          colours,
          look,
          wrongField,
          history(),
          drawSelection(),
          bracketMatching(),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...(language === 'sql' ? [] : [indentWithTab])]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          ...(readOnly
            ? [EditorState.readOnly.of(true), EditorView.editable.of(false)]
            : [closeBrackets(), indentOnInput(), autocompletion({ icons: false }), highlightActiveLine()]),
          ...(language === 'text' ? [] : [lineNumbers()]),
          ...(hint ? [placeholder(hint)] : []),
          EditorView.updateListener.of((update) => update.docChanged && calls.current.onChange?.(update.state.doc.toString())),
        ],
      }),
    });
    view.current = editor;
    if (autoFocus) editor.focus();
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: languageSlot.current.reconfigure(languageOf()) });
  }, [schema, defaultSchema]);
  useImperativeHandle(handle, () => ({
    get view() {
      return view.current!;
    },
    markWrong(position) {
      const editor = view.current!;
      if (position === null) return editor.dispatch({ effects: setWrong.of(null) });
      const length = editor.state.doc.length;
      const from = Math.min(position, Math.max(0, length - 1));
      const word = /^[\w$]+|^[^\s]/.exec(editor.state.sliceDoc(from, from + 80))?.[0] ?? ' ';
      const to = Math.min(length, from + word.length);
      if (to > from) editor.dispatch({ effects: [setWrong.of({ from, to }), EditorView.scrollIntoView(from, { y: 'center' })] });
    },
    setText(text) {
      view.current!.dispatch({ changes: { from: 0, to: view.current!.state.doc.length, insert: text } });
    },
  }), []);
  return <div className={readOnly ? 'code read-only' : 'code'} ref={box} />;
}

// SQL that is only shown, with a mark at lines that something is said about.
export function SqlText({ text, label, marks }: { text: string; label: string; marks?: Map<number, string> }) {
  return (
    <pre className="sql-text" aria-label={label} tabIndex={0}>
      {text.replace(/\n$/, '').split('\n').map((line, index) => (
        <span key={index} className={`sql-line ${marks?.get(index + 1) ?? ''}`}>
          <span className="line-number" aria-hidden>
            {index + 1}
          </span>
          <span className="line-text">{paint(line)}</span>
        </span>
      ))}
    </pre>
  );
}

const words = new Set(
  'add all alter always and any as asc authorization begin between by cascade case cast check collate column comment commit concurrently constraint create cross current_date current_timestamp database default deferrable delete desc distinct do domain drop each else enable end enum except exclude exists explain extension false for foreign from full function generated grant group having identity if ilike in index inherits initially inner insert intersect into is join key language last lateral left like limit materialized natural not null nulls of offset on only or order outer over partition policy primary procedure public references rename replace restrict returning returns revoke right role rollback row rows schema select sequence session set some start stored table then to transaction trigger true truncate type union unique update using vacuum validate values view when where with without'.split(' '),
);
// Enough for reading: the editor has the whole grammar.
function paint(line: string) {
  const parts = line.match(/--.*$|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\b\d+(?:\.\d+)?\b|\w+|\s+|[^\w\s]/g) ?? [];
  return parts.map((part, index) => {
    const kind = part.startsWith('--') ? 'comment' : part.startsWith("'") ? 'string' : /^\d/.test(part) ? 'number' : words.has(part.toLowerCase()) ? 'keyword' : '';
    return kind ? (
      <span key={index} className={`code-${kind}`}>
        {part}
      </span>
    ) : (
      part
    );
  });
}
