// What the review says of a migration: findings, and what waits while it runs.
import { AlertTriangle, Info as InfoIcon, ShieldCheck, Zap } from 'lucide-react';
import type { Finding, Review } from './api';

const levelIcon = (level: Finding['level']) => (level === 'error' ? <AlertTriangle size={14} aria-label="error" /> : level === 'warning' ? <Zap size={14} aria-label="warning" /> : <InfoIcon size={14} aria-label="note" />);

export function Findings({ review }: { review: Review }) {
  const list = review.findings.filter(({ allowed }) => !allowed);
  if (!list.length)
    return (
      <p className="good-line">
        <ShieldCheck size={15} aria-hidden /> The review has nothing to say.
      </p>
    );
  return (
    <ul className="findings" aria-label="Findings">
      {list.map((finding, index) => (
        <li key={index} className={finding.level}>
          {levelIcon(finding.level)}
          <div>
            <strong>{finding.message}</strong>
            <p>
              line {finding.line} · <code>{finding.rule}</code> · {finding.reason}
            </p>
            {finding.safe && <p className="hint">{finding.safe}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

const lockWords: Record<string, string> = {
  'ACCESS EXCLUSIVE': 'nobody reads or writes',
  EXCLUSIVE: 'nobody writes',
  'SHARE ROW EXCLUSIVE': 'nobody writes',
  SHARE: 'nobody writes',
};
export function Locks({ review }: { review: Review }) {
  const rows = review.statements.flatMap((statement) =>
    statement.locks
      .filter(({ lock, created, empty, indexOf }) => lock && lock !== 'none' && !created && !empty && !indexOf)
      .map((lock) => ({ ...lock, line: statement.line })),
  );
  const losses = review.statements.flatMap(({ losses, line }) => losses.map(({ what }) => ({ what, line })));
  if (!rows.length && !losses.length)
    return (
      <p className="good-line">
        <ShieldCheck size={15} aria-hidden /> Nobody waits for it.
      </p>
    );
  return (
    <table className="plain locks" aria-label="Locks">
      <thead>
        <tr>
          <th>Line</th>
          <th>Table</th>
          <th>Lock</th>
          <th>Meanwhile</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            <td>{row.line}</td>
            <td>{row.relation}</td>
            <td>
              <code>{row.lock}</code>
            </td>
            <td>
              {[lockWords[row.lock] ?? 'reads and writes go on', row.rewrite && 'the table is written anew', row.scan && !row.rewrite && 'the table is read', row.dropped && 'it is dropped'].filter(Boolean).join(', ')}
            </td>
          </tr>
        ))}
        {losses.map(({ what, line }, index) => (
          <tr key={`loss ${index}`}>
            <td>{line}</td>
            <td colSpan={3} className="bad">
              loses {what}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
