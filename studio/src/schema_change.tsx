import { ArrowDownToLine } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Draft, post, type Problem, problemOf } from './api';
import { useStudio } from './app';
import { SqlText } from './code';
import { Findings } from './judgement';
import { Button, ProblemBox, toast } from './ui';

interface Answers {
  renames: string[];
  creations: string[];
  backfills: string[];
}
const noAnswers: Answers = { renames: [], creations: [], backfills: [] };

// What the schema files say that no migration does yet: looked up when the page is opened, and again at each save.
export function SchemaChange({ onGenerated }: { onGenerated: (tag: string) => void }) {
  const { onEvent, info } = useStudio();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [answers, setAnswers] = useState<Answers>(noAnswers);
  const [values, setValues] = useState<Record<string, string>>({});
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const asked = useRef(0);
  const ask = useCallback(async (given: Answers) => {
    const number = ++asked.current;
    try {
      const next = await post<Draft>('/api/migrations/draft', given);
      if (number !== asked.current) return;
      setDraft(next);
      setProblem(null);
    } catch (error) {
      if (number !== asked.current) return;
      setDraft(null);
      setProblem(problemOf(error));
    }
  }, []);
  useEffect(() => void ask(answers), [ask, answers]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === 'saved') setAnswers({ ...noAnswers });
      }),
    [onEvent],
  );
  const generate = async () => {
    setBusy(true);
    try {
      const made = await post<Draft>('/api/migrations/generate', { ...answers, name });
      const tag = made.migrations?.at(-1)?.migration;
      toast(`Generated ${made.migrations?.map(({ migration }) => migration).join(', ')}`);
      setName('');
      if (tag) onGenerated(tag);
      setAnswers({ ...noAnswers });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (problem)
    return (
      <section className="change" aria-label="Schema">
        <h2>The schema cannot be read</h2>
        <ProblemBox problem={problem} />
      </section>
    );
  if (!draft || draft.status === 'no_changes') return null;
  const question = draft.questions?.[0];
  return (
    <section className="change" aria-label="Schema changed" aria-live="polite">
      <header>
        <span className="pulse" aria-hidden />
        <h2>Schema changed</h2>
        <span className="grow" />
        {draft.migrations && (
          <>
            <input aria-label="Name of the migration" className="name-input" placeholder={draft.migrations[0].migration.replace(/^[^_]*_/, '')} value={name} onChange={(event) => setName(event.target.value)} />
            <Button kind="primary" icon={<ArrowDownToLine size={14} />} disabled={busy || info.readOnly} onClick={() => void generate()}>
              {busy ? 'Generating…' : 'Generate'}
            </Button>
          </>
        )}
      </header>
      {question && (
        <fieldset>
          <legend>
            Is the {question.kind} <strong>{question.created}</strong> new, or renamed?
          </legend>
          {question.dropped.map((dropped) => (
            <Button key={dropped} onClick={() => setAnswers({ ...answers, renames: [...answers.renames, `${question.kind}:${dropped}=${question.created}`] })}>
              It is {dropped}, renamed
            </Button>
          ))}
          <Button kind="danger" onClick={() => setAnswers({ ...answers, creations: [...answers.creations, `${question.kind}:${question.created}`] })}>
            It is new; {question.dropped.join(', ')} {question.dropped.length > 1 ? 'are' : 'is'} dropped, unless renamed to something else
          </Button>
        </fieldset>
      )}
      {draft.backfills?.map(({ column, type }) => (
        <fieldset key={column}>
          <legend>
            <strong>{column}</strong> is required: what do rows that exist get?
          </legend>
          <input aria-label={`Value for ${column}`} placeholder={`${type}, a SQL expression`} value={values[column] ?? ''} onChange={(event) => setValues({ ...values, [column]: event.target.value })} onKeyDown={(event) => event.key === 'Enter' && values[column] && setAnswers({ ...answers, backfills: [...answers.backfills, `${column}=${values[column]}`] })} />
          <Button kind="primary" disabled={!values[column]} onClick={() => setAnswers({ ...answers, backfills: [...answers.backfills, `${column}=${values[column]}`] })}>
            Use it
          </Button>
          <Button onClick={() => setAnswers({ ...answers, backfills: [...answers.backfills, `${column}=none`] })}>The table has no rows anywhere</Button>
        </fieldset>
      ))}
      {draft.migrations?.map((migration) => (
        <div key={migration.migration} className="draft">
          <h3>{migration.migration}</h3>
          <div className="migration-columns">
            <SqlText label="SQL that would be generated" text={migration.sql} marks={new Map(migration.review.findings.map(({ line, level }) => [line, level]))} />
            <div className="migration-review">
              <Findings review={migration.review} />
              {migration.notes.map((note) => (
                <p key={note} className="muted">
                  {note}
                </p>
              ))}
            </div>
          </div>
        </div>
      ))}
    </section>
  );
}
