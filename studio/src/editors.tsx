// Editing one value: in its cell where a line is enough, in a dialog where it is not.
import { Plus, Trash2, WandSparkles } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Column, saveFile, type Value } from './api';
import { Code, type CodeHandle } from './code';
import { checkValue, dimensionsOf, kindOf, nowText, parseArray, parseVector, printArray } from './types';
import { bytesText, Button, Dialog, mod } from './ui';

// True if a line is too little for the value.
export function needsDialog(column: Column, value: Value, cut: boolean) {
  const kind = kindOf(column);
  return cut || kind === 'json' || kind === 'array' || kind === 'bytea' || kind === 'vector' || (value !== null && (value.includes('\n') || value.length > 120));
}

export function CellEditor({ column, value, start, onDone, onCancel }: {
  column: Column;
  value: Value;
  start: string | null; // what was typed to begin with
  onDone: (value: Value | undefined, move: 'down' | 'right' | 'left' | null, left?: boolean) => void; // undefined: as it was
  onCancel: (left?: boolean) => void; // left: by a click elsewhere, which has the focus now
}) {
  const kind = kindOf(column);
  const [text, setText] = useState(start ?? value ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const done = useRef(false);
  const input = useRef<HTMLInputElement & HTMLSelectElement>(null);
  useEffect(() => {
    input.current?.focus();
    if (start === null) input.current?.select?.();
    else input.current?.setSelectionRange?.(start.length, start.length);
  }, []);
  const finish = (next: Value, move: 'down' | 'right' | 'left' | null, left = false) => {
    if (done.current) return;
    // Nothing was typed: a new row keeps its default, NULL stays NULL.
    if (next === value || (next === '' && value === null && start === null)) {
      done.current = true;
      return onDone(next === null ? null : undefined, move, left);
    }
    const wrong = checkValue(column, next);
    if (wrong) return setProblem(wrong);
    done.current = true;
    onDone(next, move, left);
  };
  const onKey = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish(text, null);
      setTimeout(() => window.dispatchEvent(new Event('studio-save')));
    } else if (event.key === 'Escape') {
      done.current = true;
      onCancel();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      finish(text, 'down');
    } else if (event.key === 'Tab') {
      event.preventDefault();
      finish(text, event.shiftKey ? 'left' : 'right');
    } else if (event.key === 'Backspace' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish(null, null);
    }
  };
  if (kind === 'bool' || kind === 'enum') {
    const options = kind === 'bool' ? ['t', 'f'] : (column.enum ?? []);
    return (
      <select
        ref={input}
        className="cell-input"
        aria-label={column.name}
        value={value ?? '\0'}
        onChange={(event) => finish(event.target.value === '\0' ? null : event.target.value, null)}
        onBlur={() => onCancel(true)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') onCancel();
        }}
      >
        {(!column.notNull || value === null) && <option value={'\0'}>NULL</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {kind === 'bool' ? (option === 't' ? 'true' : 'false') : option}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <input
        ref={input}
        className="cell-input"
        aria-label={column.name}
        aria-invalid={problem !== null}
        inputMode={kind === 'number' ? 'decimal' : undefined}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
        }}
        onKeyDown={onKey}
        onBlur={() => (problem || (text !== (value ?? '') && checkValue(column, text)) ? onCancel(true) : finish(text, null, true))}
      />
      <div className="cell-help" onMouseDown={(event) => event.preventDefault()}>
        {problem ? <span className="bad">{problem}</span> : <span>{column.type}</span>}
        {(kind === 'timestamp' || kind === 'date' || kind === 'time') && (
          <button type="button" tabIndex={-1} onClick={() => setText(nowText(column))}>
            Now
          </button>
        )}
        {kind === 'uuid' && (
          <button type="button" tabIndex={-1} onClick={() => setText(randomUuid())}>
            New UUID
          </button>
        )}
        {!column.notNull && (
          <button type="button" tabIndex={-1} onClick={() => finish(null, null)} title={`${mod}Backspace`}>
            NULL
          </button>
        )}
      </div>
    </>
  );
}

function randomUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

// A browser lays out a line as a whole: one of some megabytes makes the page stand still.
const longestLine = 200_000;
const isTooLong = (text: string) => text.length > longestLine && text.split('\n').some((line) => line.length > longestLine);

function prettyOf(column: Column, value: Value) {
  if (kindOf(column) !== 'json' || value === null) return value ?? '';
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

export function ValueDialog(props: Parameters<typeof ValueEditor>[0]) {
  const { column, value, readOnly, onDone, onClose } = props;
  if (value === null || !isTooLong(prettyOf(column, value))) return <ValueEditor {...props} />;
  return (
    <Dialog
      wide
      title={`${column.name} · ${column.type}`}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          {!readOnly && !column.notNull && <Button onClick={() => onDone(null)}>Set NULL</Button>}
          <Button onClick={() => saveFile(`${column.name}.txt`, 'text/plain', value)}>Download</Button>
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      <p className="muted">{`${bytesText(value.length)} with lines too long to be edited here. It begins:`}</p>
      <div className="value-code">
        <Code language="text" initial={value.slice(0, 4000)} label={column.name} readOnly autoFocus />
      </div>
    </Dialog>
  );
}

function ValueEditor({ column, value, readOnly, onDone, onClose }: {
  column: Column;
  value: Value;
  readOnly: boolean;
  onDone: (value: Value) => void;
  onClose: () => void;
}) {
  const kind = kindOf(column);
  const pretty = useMemo(() => prettyOf(column, value), []);
  const [text, setText] = useState(pretty);
  const code = useRef<CodeHandle>(null);
  // A value that was only looked at stays as it is, to the last space.
  const same = text === pretty && value !== null;
  const problem = same ? null : checkValue(column, text);
  const done = () => !problem && onDone(same ? value : text);
  const items = kind === 'array' ? parseArray(text || '{}') : null;
  return (
    <Dialog
      wide
      title={`${column.name} · ${column.type}`}
      onClose={onClose}
      footer={
        readOnly ? (
          <Button onClick={onClose}>Close</Button>
        ) : (
          <>
            {problem && <span className="bad grow">{problem}</span>}
            {!column.notNull && <Button onClick={() => onDone(null)}>Set NULL</Button>}
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" disabled={problem !== null} onClick={done} title={`${mod}Enter`}>
              Done
            </Button>
          </>
        )
      }
    >
      {items && !readOnly ? (
        <ArrayEditor column={column} items={items} onChange={(next) => setText(printArray(next))} />
      ) : (
        <div className="value-code">
          <Code
            language={kind === 'json' ? 'json' : 'text'}
            initial={pretty}
            label={column.name}
            readOnly={readOnly}
            onChange={setText}
            onRun={done}
            handle={code}
            autoFocus
          />
        </div>
      )}
      {kind === 'json' && !readOnly && (
        <Button
          kind="ghost"
          icon={<WandSparkles size={14} />}
          disabled={problem !== null}
          onClick={() => code.current?.setText(JSON.stringify(JSON.parse(text), null, 2))}
        >
          Format
        </Button>
      )}
      {kind === 'vector' && <VectorView column={column} text={text} onChange={readOnly ? null : (next) => code.current?.setText(next)} />}
      {kind === 'bytea' && <p className="muted">{`${Math.max(0, (text.length - 2) / 2)} bytes; hexadecimal after \\x, or text`}</p>}
    </Dialog>
  );
}

// What nobody reads out of 1536 numbers: how many they are, how long the vector is, and its shape.
function VectorView({ column, text, onChange }: { column: Column; text: string; onChange: ((text: string) => void) | null }) {
  const numbers = useMemo(() => parseVector(text), [text]);
  if (!numbers || numbers.length === 0) return null;
  const length = Math.hypot(...numbers);
  const largest = Math.max(...numbers.map(Math.abs)) || 1;
  const width = 600;
  const step = width / numbers.length;
  const path = numbers.map((n, i) => `M${((i + 0.5) * step).toFixed(2)} 30V${(30 - (n / largest) * 28).toFixed(2)}`).join('');
  const wanted = dimensionsOf(column);
  return (
    <div className="vector-view">
      <svg viewBox={`0 0 ${width} 60`} preserveAspectRatio="none" role="img" aria-label={`The ${numbers.length} numbers as bars`}>
        <path d={path} strokeWidth={Math.max(0.4, Math.min(12, step * 0.7))} />
      </svg>
      <p className="muted">
        {`${numbers.length}${wanted ? ` of ${wanted}` : ''} dimensions, length ${Number(length.toPrecision(6))}`}
        {onChange && length > 0 && Math.abs(length - 1) > 1e-6 && (
          <Button kind="ghost" onClick={() => onChange(`[${numbers.map((n) => Number((n / length).toPrecision(9))).join(',')}]`)}>
            Make its length 1
          </Button>
        )}
      </p>
    </div>
  );
}

function ArrayEditor({ column, items, onChange }: { column: Column; items: Value[]; onChange: (items: Value[]) => void }) {
  const set = (index: number, item: Value) => onChange(items.map((each, at) => (at === index ? item : each)));
  return (
    <div className="array-editor">
      {items.map((item, index) => (
        <div key={index} className="array-item">
          <span className="muted">{index + 1}</span>
          {column.enum ? (
            <select aria-label={`Item ${index + 1}`} value={item ?? ''} onChange={(event) => set(index, event.target.value)}>
              {column.enum.map((value) => (
                <option key={value}>{value}</option>
              ))}
            </select>
          ) : (
            <input aria-label={`Item ${index + 1}`} autoFocus={index === items.length - 1} placeholder={item === null ? 'NULL' : ''} value={item ?? ''} onChange={(event) => set(index, event.target.value)} />
          )}
          <Button kind="ghost" icon={<Trash2 size={14} />} aria-label={`Remove item ${index + 1}`} onClick={() => onChange(items.filter((_, at) => at !== index))} />
        </div>
      ))}
      <Button icon={<Plus size={14} />} onClick={() => onChange([...items, column.enum?.[0] ?? ''])}>
        Add an item
      </Button>
    </div>
  );
}
