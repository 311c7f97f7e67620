// A plan as a tree: what takes the time, and where the planner was wrong about rows.
import { useState } from 'react';
import { durationText, numberText } from './ui';

export interface PlanNode {
  'Node Type': string;
  Plans?: PlanNode[];
  planningTime?: number;
  executionTime?: number;
  [key: string]: any;
}

const total = (node: PlanNode, analyzed: boolean): number =>
  analyzed ? (node['Actual Total Time'] ?? 0) * (node['Actual Loops'] ?? 1) : node['Total Cost'];
const own = (node: PlanNode, analyzed: boolean) =>
  Math.max(0, total(node, analyzed) - (node.Plans ?? []).filter((each) => each['Parent Relationship'] !== 'InitPlan').reduce((sum, each) => sum + total(each, analyzed), 0));

export function PlanTree({ root, analyzed }: { root: PlanNode; analyzed: boolean }) {
  const [open, setOpen] = useState<PlanNode | null>(null);
  const whole = total(root, analyzed) || 1;
  return (
    <div className="plan" aria-label="Plan">
      <p className="plan-sum">
        {analyzed ? (
          <>
            Took <strong>{durationText(root.executionTime ?? 0)}</strong>, planned in {durationText(root.planningTime ?? 0)}. It was rolled back.
          </>
        ) : (
          <>
            Estimated cost <strong>{numberText(root['Total Cost'])}</strong>, {numberText(root['Plan Rows'])} rows. Not run.
          </>
        )}
      </p>
      <ul role="tree" aria-label="Plan" className="plan-tree">
        <Node node={root} analyzed={analyzed} whole={whole} open={open} onOpen={setOpen} level={1} />
      </ul>
    </div>
  );
}

function Node({ node, analyzed, whole, open, onOpen, level }: {
  node: PlanNode;
  analyzed: boolean;
  whole: number;
  open: PlanNode | null;
  onOpen: (node: PlanNode | null) => void;
  level: number;
}) {
  const share = Math.min(1, own(node, analyzed) / whole);
  const actual = analyzed ? (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1) : null;
  const expected = (node['Plan Rows'] ?? 0) * (analyzed ? (node['Actual Loops'] ?? 1) : 1);
  const wrong = actual !== null && Math.max(actual, expected) > 10 * Math.max(1, Math.min(actual, expected));
  const where = [node['Index Name'], node['Relation Name'] && `${node['Relation Name']}${node.Alias && node.Alias !== node['Relation Name'] ? ` ${node.Alias}` : ''}`, node['CTE Name']].filter(Boolean).join(' on ');
  const condition = node['Index Cond'] ?? node['Hash Cond'] ?? node['Merge Cond'] ?? node['Join Filter'] ?? node.Filter ?? node['Recheck Cond'];
  const isOpen = open === node;
  return (
    <li role="treeitem" aria-level={level} aria-expanded={node.Plans ? true : undefined} aria-selected={isOpen}>
      <button type="button" className={isOpen ? 'plan-node open' : 'plan-node'} onClick={() => onOpen(isOpen ? null : node)}>
        <span className="plan-bar" aria-hidden>
          <span style={{ width: `${Math.max(1, share * 100)}%` }} className={share > 0.5 ? 'hot' : share > 0.2 ? 'warm' : ''} />
        </span>
        <span className="plan-name">
          <strong>
            {node['Join Type'] && node['Join Type'] !== 'Inner' ? `${node['Join Type']} ` : ''}
            {node['Node Type']}
          </strong>
          {where && <span> {where}</span>}
          {condition && <code>{condition}</code>}
        </span>
        <span className="plan-numbers">
          <span>{Math.round(share * 100)}%</span>
          {analyzed ? <span>{durationText(own(node, true))}</span> : <span>cost {numberText(node['Total Cost'])}</span>}
          <span className={wrong ? 'bad' : ''} title={wrong ? `The planner expected ${numberText(expected)} rows` : undefined}>
            {numberText(actual ?? expected)} rows
          </span>
        </span>
      </button>
      {isOpen && (
        <dl className="plan-details">
          {Object.entries(node)
            .filter(([key, value]) => key !== 'Plans' && value !== undefined && typeof value !== 'object')
            .map(([key, value]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
        </dl>
      )}
      {node.Plans && (
        <ul role="group">
          {node.Plans.map((each, index) => (
            <Node key={index} node={each} analyzed={analyzed} whole={whole} open={open} onOpen={onOpen} level={level + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}
