import { Plus, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Column, Filter } from './api';
import { kindOf } from './types';
import { Button } from './ui';

const operators = [
  ['=', 'is'],
  ['<>', 'is not'],
  ['contains', 'contains'],
  ['does not contain', 'does not contain'],
  ['starts with', 'starts with'],
  ['ends with', 'ends with'],
  ['<', '<'],
  ['<=', '≤'],
  ['>', '>'],
  ['>=', '≥'],
  ['in', 'is one of'],
  ['is null', 'is NULL'],
  ['is not null', 'is not NULL'],
] as const;
const withoutValue = (operator: string) => operator === 'is null' || operator === 'is not null';

// What is typed takes effect by Enter, or when the field is left: each is a query.
export function FilterBar({ columns, filters, onChange, onClose }: {
  columns: Column[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
  onClose: () => void;
}) {
  const fresh = (): Filter => {
    const column = columns.find((each) => kindOf(each) === 'text') ?? columns[0];
    return { column: column.name, operator: kindOf(column) === 'text' ? 'contains' : '=', value: '' };
  };
  const [draft, setDraft] = useState<Filter[]>(filters.length ? filters : [fresh()]);
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (filters.length) setDraft(filters);
  }, [filters]);
  useEffect(() => {
    bar.current?.querySelector('input')?.focus();
  }, []);
  const apply = (next: Filter[]) => {
    setDraft(next.length ? next : [fresh()]);
    const real = next.filter(({ operator, value }) => withoutValue(operator) || (value ?? '') !== '' || value === null);
    if (JSON.stringify(real) !== JSON.stringify(filters)) onChange(real);
  };
  const change = (index: number, part: Partial<Filter>) => draft.map((filter, at) => (at === index ? { ...filter, ...part } : filter));
  return (
    <div className="filter-bar" ref={bar} role="group" aria-label="Filters">
      {draft.map((filter, index) => {
        const column = columns.find(({ name }) => name === filter.column);
        const options = column && (kindOf(column) === 'enum' ? column.enum : kindOf(column) === 'bool' ? ['true', 'false'] : null);
        return (
          <div key={index} className="filter">
            <select aria-label="Column" value={filter.column} onChange={(event) => apply(change(index, { column: event.target.value }))}>
              {columns.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <select aria-label="Operator" value={filter.operator} onChange={(event) => apply(change(index, { operator: event.target.value }))}>
              {operators.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
            {!withoutValue(filter.operator) &&
              (options && (filter.operator === '=' || filter.operator === '<>') ? (
                <select aria-label="Value" value={filter.value ?? ''} onChange={(event) => apply(change(index, { value: event.target.value }))}>
                  <option value="">…</option>
                  {options.map((option) => (
                    <option key={option}>{option}</option>
                  ))}
                </select>
              ) : (
                <input
                  aria-label="Value"
                  spellCheck={false}
                  placeholder={filter.value === null ? 'NULL' : filter.operator === 'in' ? 'a, b, c' : 'value'}
                  value={filter.value ?? ''}
                  onChange={(event) => setDraft(change(index, { value: event.target.value }))}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter') apply(draft);
                    if (event.key === 'Escape') onClose();
                  }}
                  onBlur={() => apply(draft)}
                />
              ))}
            <Button kind="ghost" icon={<X size={13} />} aria-label="Remove this filter" onClick={() => apply(draft.filter((_, at) => at !== index))} />
          </div>
        );
      })}
      <Button kind="ghost" icon={<Plus size={13} />} onClick={() => setDraft([...draft, fresh()])}>
        And
      </Button>
      {filters.length > 0 && (
        <Button kind="ghost" onClick={() => apply([])}>
          Clear
        </Button>
      )}
    </div>
  );
}
