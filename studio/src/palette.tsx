import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

export interface PaletteItem {
  group: string;
  name: string;
  icon?: ReactNode;
  hint?: string;
  run: () => void;
}

// The letters in their order; what begins so, or begins a word so, comes first.
function score(name: string, query: string): number {
  const text = name.toLowerCase();
  if (!query) return 1;
  const at = text.indexOf(query);
  if (at === 0) return 4;
  if (at > 0) return /[^a-z0-9]/.test(text[at - 1]) ? 3 : 2;
  let from = 0;
  for (const letter of query) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}

export function Palette({ items, onClose }: { items: PaletteItem[]; onClose: () => void }) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus?.();
  }, []);
  const found = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    return items
      .map((item) => ({ item, score: score(item.name, wanted) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, 60)
      .map(({ item }) => item);
  }, [items, query]);
  useEffect(() => setAt(0), [query]);
  // Newer browsers give a promise of it, which is no way to end an effect.
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const run = (item?: PaletteItem) => {
    if (!item) return;
    onClose();
    item.run();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Search and commands" onCancel={(event) => (event.preventDefault(), onClose())} onMouseDown={(event) => event.target === dialog.current && onClose()}>
      <div className="dialog-inner">
        <div className="palette-input">
          <Search size={16} aria-hidden />
          <input
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls="palette-list"
            aria-activedescendant={found[at] ? `palette-${at}` : undefined}
            aria-label="Search tables and commands"
            placeholder="Search tables and commands"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                event.preventDefault();
                const step = event.key === 'ArrowDown' ? 1 : found.length - 1;
                setAt(found.length ? (at + step) % found.length : 0);
              } else if (event.key === 'Enter') {
                event.preventDefault();
                run(found[at]);
              }
            }}
          />
        </div>
        <div className="palette-list" id="palette-list" role="listbox" aria-label="Results" ref={list}>
          {found.map((item, index) => (
            <button key={`${item.group} ${item.name}`} id={`palette-${index}`} type="button" role="option" aria-selected={index === at} tabIndex={-1} className={index === at ? 'palette-item current' : 'palette-item'} onMouseMove={() => setAt(index)} onClick={() => run(item)}>
              {item.icon}
              <span className="grow">{item.name}</span>
              <small>{item.hint ?? item.group}</small>
            </button>
          ))}
          {found.length === 0 && <p className="muted pad">Nothing is called like that.</p>}
        </div>
      </div>
    </dialog>
  );
}
