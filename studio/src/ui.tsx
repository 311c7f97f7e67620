// Small parts that every page uses.
import { AlertTriangle, Check, Copy, X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Problem } from './api';

type ButtonProps = React.ButtonHTMLAttributes<HTMLButtonElement> & { kind?: 'primary' | 'danger' | 'plain' | 'ghost'; icon?: ReactNode };

export function Button({ kind = 'plain', icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${kind} ${children ? '' : 'icon-only'} ${className ?? ''}`} {...rest}>
      {icon}
      {children && <span>{children}</span>}
    </button>
  );
}

export const Kbd = ({ children }: { children: ReactNode }) => <kbd>{children}</kbd>;

export const isMac = /Mac|iPhone/.test(navigator.platform);
export const mod = isMac ? '⌘' : 'Ctrl+';

// A button with a list of actions. Arrow keys, Escape and a click elsewhere do what they do everywhere.
export function Menu({ label, icon, children, kind, title, align = 'left' }: {
  label?: ReactNode;
  icon?: ReactNode;
  title: string;
  kind?: ButtonProps['kind'];
  align?: 'left' | 'right';
  children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const close = () => setOpen(false);
  useEffect(() => {
    if (!open) return;
    const outside = (event: MouseEvent) => !box.current?.contains(event.target as Node) && close();
    document.addEventListener('mousedown', outside);
    return () => document.removeEventListener('mousedown', outside);
  }, [open]);
  useEffect(() => {
    if (open) box.current?.querySelector<HTMLElement>('.menu button, .menu input')?.focus();
  }, [open]);
  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
      box.current?.querySelector('button')?.focus();
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const items = [...(box.current?.querySelectorAll<HTMLElement>('.menu button:not(:disabled), .menu input') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length]?.focus();
    event.preventDefault();
  };
  return (
    <div className="menu-box" ref={box} onKeyDown={open ? onKey : undefined}>
      <Button kind={kind} icon={icon} title={title} aria-label={title} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </Button>
      {open && <div className={`menu ${align}`}>{children(close)}</div>}
    </div>
  );
}

export function MenuItem({ children, hint, onClick, disabled, danger }: {
  children: ReactNode;
  hint?: ReactNode;
  onClick: () => void;
  disabled?: boolean;
  danger?: boolean;
}) {
  return (
    <button type="button" className={`menu-item ${danger ? 'danger' : ''}`} onClick={onClick} disabled={disabled}>
      <span>{children}</span>
      {hint && <small>{hint}</small>}
    </button>
  );
}

export function Dialog({ title, children, footer, onClose, wide }: {
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  onClose: () => void;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog-inner">
        <header>
          <h2 id={id}>{title}</h2>
          <Button kind="ghost" icon={<X size={16} />} aria-label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {footer && <footer>{footer}</footer>}
      </div>
    </dialog>
  );
}

export function ProblemBox({ problem, onClose }: { problem: Problem; onClose?: () => void }) {
  return (
    <div className="problem" role="alert">
      <AlertTriangle size={16} aria-hidden />
      <div>
        <strong>{problem.message}</strong>
        {problem.sqlstate && <code className="sqlstate">{problem.sqlstate}</code>}
        {problem.file && (
          <p>
            {problem.file}
            {problem.line ? `:${problem.line}` : ''}
          </p>
        )}
        {problem.detail && <p>{problem.detail}</p>}
        {problem.diagnostics?.map((each, index) => (
          <p key={index}>
            {each.file && `${each.file}${each.line ? `:${each.line}` : ''}: `}
            {each.message}
          </p>
        ))}
        {problem.state && <p>{problem.state}</p>}
        {problem.hint && <p className="hint">{problem.hint}</p>}
      </div>
      {onClose && <Button kind="ghost" icon={<X size={14} />} aria-label="Dismiss" onClick={onClose} />}
    </div>
  );
}

export function Empty({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      {icon}
      <h2>{title}</h2>
      {children && <p>{children}</p>}
    </div>
  );
}

export const Spinner = ({ label }: { label?: string }) => (
  <span className="spinner-box" role="status">
    <span className="spinner" aria-hidden />
    {label ?? <span className="visually-hidden">Loading</span>}
  </span>
);

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  return (
    <Button
      kind="ghost"
      icon={done ? <Check size={14} /> : <Copy size={14} />}
      aria-label={label}
      title={label}
      onClick={() => {
        void copyText(text);
        setDone(true);
        setTimeout(() => setDone(false), 1200);
      }}
    />
  );
}

export async function copyText(text: string) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

// ---- messages that go away by themselves
interface Toast {
  id: number;
  text: string;
  bad: boolean;
}
let toasts: Toast[] = [];
const toastListeners = new Set<() => void>();
let toastId = 0;
function setToasts(next: Toast[]) {
  toasts = next;
  for (const listener of toastListeners) listener();
}
export function toast(text: string, bad = false) {
  const id = ++toastId;
  setToasts([...toasts, { id, text, bad }]);
  setTimeout(() => setToasts(toasts.filter((each) => each.id !== id)), bad ? 8000 : 3500);
}
export function Toasts() {
  const list = useSyncExternalStore(
    (listener) => {
      toastListeners.add(listener);
      return () => toastListeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {list.map(({ id, text, bad }) => (
        <div key={id} className={bad ? 'toast bad' : 'toast'}>
          {text}
        </div>
      ))}
    </div>
  );
}

// What a person chose and finds again the next time; never values of rows.
export function useStored<T>(name: string, initial: T): [T, (value: T) => void] {
  const key = `sluice-studio:${name}`;
  const read = () => {
    try {
      const text = localStorage.getItem(key);
      return text === null ? initial : (JSON.parse(text) as T);
    } catch {
      return initial;
    }
  };
  const [value, setValue] = useState<T>(read);
  const [readFrom, setReadFrom] = useState(key);
  if (readFrom !== key) {
    setReadFrom(key);
    setValue(read());
  }
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // a browser that keeps nothing
      }
    },
  ];
}

export const numberText = (value: number) => Math.round(value).toLocaleString('en-US');
export function bytesText(bytes: number) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1024 && unit < 4) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes.toFixed(bytes < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}
export function durationText(ms: number) {
  return ms < 1 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
