import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef, type ReactNode, type Ref } from 'react';
import { DATAFUSION } from './dialect';
import { columnsInReach, quoted, type SchemaFunction, type SchemaTable } from './schema';
import styles from './SqlEditor.module.css';

export interface SqlEditorHandle {
  text(): string;
  setText(text: string): void;
  /** In place of the selection. */
  insert(text: string): void;
}

interface SqlEditorProps {
  label: string;
  /** The text at first; later ones come by the handle. */
  initialText: string;
  tables: readonly SchemaTable[];
  functions: readonly SchemaFunction[];
  onRun: (sql: string) => void;
  handle: Ref<SqlEditorHandle>;
}

const COLORS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: tags.comment, color: 'var(--text-faint)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--code-type)' },
  { tag: [tags.operator, tags.punctuation, tags.paren], color: 'var(--text-soft)' },
]);

const LOOK = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13.5px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 8px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-faint)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text-soft)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)' },
  '.cm-content ::selection': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '8px',
    backgroundColor: 'var(--surface-raised)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-raised)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font)', fontSize: '13px', maxHeight: '16em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', lineHeight: '1.4' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-faint)', fontStyle: 'normal', fontSize: '12px' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionInfo': { maxWidth: '320px', padding: '8px 10px', fontFamily: 'var(--font)', fontSize: '12px' },
});

/**
 * Typing over a selection is done here rather than by the browser, which would write styles into the elements to keep
 * the look of what was there; the content security policy forbids these.
 */
const REPLACES_SELECTION = EditorView.domEventHandlers({
  beforeinput: (event, editor) => {
    const { from, to, empty } = editor.state.selection.main;
    const text = event.data;
    if (event.inputType !== 'insertText' || !text || empty || editor.composing) return false;
    event.preventDefault();
    const typed = () => editor.state.update({ ...editor.state.replaceSelection(text), userEvent: 'input.type', scrollIntoView: true });
    const isHandled = editor.state.facet(EditorView.inputHandler).some((handler) => handler(editor, from, to, text, typed));
    if (!isHandled) editor.dispatch(typed());
    return true;
  },
});

/**
 * The editor. It lives in a shadow root: there its style sheets are adopted by script, which the content security policy
 * allows, where in the page itself they would be elements, which it does not.
 */
export default function SqlEditor({ label, initialText, tables, functions, onRun, handle }: SqlEditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const initial = useRef(initialText);
  const run = useRef(onRun);
  useEffect(() => {
    run.current = onRun;
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const parent = document.createElement('div');
    parent.style.height = '100%';
    root.replaceChildren(parent);
    const runKey = {
      key: 'Mod-Enter',
      run: (editor: EditorView) => {
        run.current(editor.state.doc.toString());
        return true;
      },
    };
    const state = EditorState.create({
      doc: initial.current,
      extensions: [
        Prec.highest(keymap.of([runKey])),
        lineNumbers(),
        highlightActiveLine(),
        history(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false, maxRenderedOptions: 80 }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        REPLACES_SELECTION,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off' }),
        syntaxHighlighting(COLORS),
        LOOK,
        language.current.of(sql({ dialect: DATAFUSION })),
      ],
    });
    const made = new EditorView({ state, parent, root });
    view.current = made;
    return () => {
      initial.current = made.state.doc.toString();
      made.destroy();
      view.current = null;
    };
  }, [label]);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(tables, functions)) });
  }, [tables, functions, label]);

  useImperativeHandle(handle, () => ({
    text: () => view.current?.state.doc.toString() ?? initial.current,
    setText: (text) => {
      const editor = view.current;
      if (!editor || editor.state.doc.toString() === text) return;
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    },
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
  }));
  return <div ref={host} className={styles.editor} />;
}

function languageOf(tables: readonly SchemaTable[], functions: readonly SchemaFunction[]) {
  const schema = Object.fromEntries(
    tables.map(({ name, columns }) => [
      name,
      { self: { label: name, type: 'type', boost: 20 }, children: columns.map((column) => completionOf(column)) },
    ]),
  );
  const calls: Completion[] = functions.map(({ name, example, description }) => ({
    label: name,
    apply: `${name}(`,
    type: 'function',
    // Other names of a function come with the example of the first.
    detail: example.startsWith(`${name}(`) && example.length <= 44 ? example.slice(name.length) : '(…)',
    info: description.slice(0, 300),
    boost: -20,
  }));
  const source: CompletionSource = (context) => {
    const word = context.matchBefore(/[\w"]+/);
    if (!word && !context.explicit) return null;
    // After a dot it is the columns of that table alone, which the language itself knows.
    const from = word?.from ?? context.pos;
    if (context.state.sliceDoc(Math.max(0, from - 1), from) === '.') return null;
    const columns = columnsInReach(context.state.doc.toString(), tables).map((column) => ({ ...completionOf(column), boost: 10 }));
    return { from, options: [...columns, ...calls], validFor: /^[\w"]*$/ };
  };
  return [sql({ dialect: DATAFUSION, schema }), DATAFUSION.language.data.of({ autocomplete: source })];
}

function completionOf({ name, type, comment }: SchemaTable['columns'][number]): Completion {
  return { label: name, apply: quoted(name), type: 'property', detail: type, info: comment };
}
