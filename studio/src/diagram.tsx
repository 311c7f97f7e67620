import '@xyflow/react/dist/style.css';
import { Background, Controls, type Edge, Handle, MiniMap, type Node, type NodeProps, Position, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import elkWorker from 'elkjs/lib/elk-worker.min.js?url';
import { Download, Key, Link2 } from 'lucide-react';
import { memo, useEffect, useMemo, useState } from 'react';
import { displayName, type ForeignKey, saveFile, type Table, tableId } from './api';
import { DatabasePicker, useStudio } from './app';
import { diagramSvg, heightOf, lineHeight, nodeWidth, shownColumns } from './drawing';
import { go, tablePath } from './router';
import { Empty, Menu, MenuItem, Spinner, toast, useStored } from './ui';

type TableNode = Node<{ table: Table; keys: ForeignKey[]; compact: boolean; found: boolean | null }, 'table'>;

const TableCard = memo(function TableCard({ data, selected }: NodeProps<TableNode>) {
  const { table, keys, compact, found } = data;
  const columns = shownColumns(table, keys, compact);
  const isLinked = (name: string) => keys.some((key) => key.columns.includes(name));
  return (
    <div className={`table-card ${selected ? 'selected' : ''} ${found === false ? 'dim' : ''} ${found ? 'found' : ''}`} style={{ width: nodeWidth }}>
      <Handle type="target" position={Position.Left} id="head" className="dot" style={{ top: 18 }} />
      <header title={table.comment ?? undefined}>
        <span className="ellipsis">{displayName(table.schema, table.name)}</span>
        {(table.kind === 'v' || table.kind === 'm') && <small>view</small>}
      </header>
      {columns.map((column) => (
        <div key={column.name} className="card-line" style={{ height: lineHeight }}>
          {table.key?.includes(column.name) ? <Key size={11} className="key" aria-label="key" /> : isLinked(column.name) ? <Link2 size={11} className="link" aria-label="foreign key" /> : <span className="no-icon" />}
          <span className="ellipsis grow">{column.name}</span>
          <small className="ellipsis">
            {column.type}
            {column.notNull ? '' : '?'}
          </small>
          {isLinked(column.name) && <Handle type="source" position={Position.Right} id={column.name} className="dot" style={{ top: '50%' }} />}
        </div>
      ))}
      {columns.length < table.columns.length && <div className="card-line more">{table.columns.length - columns.length} more</div>}
    </div>
  );
});
const nodeTypes = { table: TableCard };

export default function DiagramPage() {
  return (
    <ReactFlowProvider>
      <Diagram />
    </ReactFlowProvider>
  );
}

// Places for the tables, by ELK, in a thread of its own.
async function layOut(tables: Table[], keys: ForeignKey[], compact: boolean): Promise<Map<string, { x: number; y: number }>> {
  const { default: ELK } = await import('elkjs/lib/elk-api');
  const elk = new ELK({ workerFactory: () => new Worker(elkWorker) });
  const ids = new Set(tables.map(tableId));
  const keysOf = (table: Table) => keys.filter((key) => key.schema === table.schema && key.table === table.name);
  try {
    const graph = await elk.layout({
      id: 'root',
      layoutOptions: {
        'elk.algorithm': 'layered',
        'elk.direction': 'RIGHT',
        'elk.spacing.nodeNode': '36',
        'elk.layered.spacing.nodeNodeBetweenLayers': '110',
        'elk.spacing.componentComponent': '60',
        'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
        'elk.aspectRatio': '1.6',
      },
      children: tables.map((table) => ({ id: tableId(table), width: nodeWidth, height: heightOf(table, keysOf(table), compact) })),
      edges: keys
        .map((key, index) => ({ id: `e${index}`, sources: [`${key.schema}.${key.table}`], targets: [`${key.toSchema}.${key.toTable}`] }))
        .filter(({ sources, targets }) => sources[0] !== targets[0] && ids.has(sources[0]) && ids.has(targets[0])),
    });
    return new Map((graph.children ?? []).map(({ id, x, y }) => [id, { x: x ?? 0, y: y ?? 0 }]));
  } finally {
    elk.terminateWorker();
  }
}

function Diagram() {
  const { objects, database, dark } = useStudio();
  const [schema, setSchema] = useState('');
  const [compact, setCompact] = useStored('diagram-compact', false);
  const [search, setSearch] = useState('');
  const [places, setPlaces] = useState<Map<string, { x: number; y: number }> | null>(null);
  const flow = useReactFlow();

  const tables = useMemo(() => (objects?.tables ?? []).filter((table) => (!schema || table.schema === schema) && table.schema !== 'sluice' && table.schema !== 'drizzle'), [objects, schema]);
  const keys = useMemo(() => {
    const ids = new Set(tables.map(tableId));
    return (objects?.foreignKeys ?? []).filter((key) => ids.has(`${key.schema}.${key.table}`) && ids.has(`${key.toSchema}.${key.toTable}`));
  }, [objects, tables]);

  useEffect(() => {
    let current = true;
    setPlaces(null);
    if (tables.length)
      layOut(tables, keys, compact).then(
        (found) => current && setPlaces(found),
        (error) => toast(`The diagram cannot be laid out: ${error}`, true),
      );
    return () => {
      current = false;
    };
  }, [tables, keys, compact]);

  const wanted = search.trim().toLowerCase();
  const isFound = (table: Table) =>
    !wanted ? null : displayName(table.schema, table.name).toLowerCase().includes(wanted) || table.columns.some(({ name }) => name.toLowerCase().includes(wanted));
  const nodes = useMemo<TableNode[]>(
    () =>
      places
        ? tables.map((table) => ({
            id: tableId(table),
            type: 'table',
            position: places.get(tableId(table)) ?? { x: 0, y: 0 },
            data: { table, keys: keys.filter((key) => key.schema === table.schema && key.table === table.name), compact, found: isFound(table) },
            ariaLabel: `Table ${displayName(table.schema, table.name)}`,
          }))
        : [],
    [places, tables, keys, compact, wanted],
  );
  const edges = useMemo<Edge[]>(
    () =>
      keys.map((key) => ({
        id: `${key.schema}.${key.table}.${key.name}`,
        source: `${key.schema}.${key.table}`,
        sourceHandle: key.columns[0],
        target: `${key.toSchema}.${key.toTable}`,
        targetHandle: 'head',
        type: 'smoothstep',
        ariaLabel: `${key.table} refers to ${key.toTable}`,
      })),
    [keys],
  );
  useEffect(() => {
    if (places) requestAnimationFrame(() => void flow.fitView({ padding: 0.12, maxZoom: 1 }));
  }, [places]);
  useEffect(() => {
    const found = nodes.filter(({ data }) => data.found);
    if (wanted && found.length) void flow.fitView({ nodes: found, padding: 0.4, maxZoom: 1.1, duration: 250 });
  }, [wanted, places]);

  const svg = () => {
    const now = new Map(flow.getNodes().map(({ id, position }) => [id, position]));
    return diagramSvg(tables, keys, now, compact, dark);
  };
  const exportPng = async () => {
    const text = svg();
    const size = /width="(\d+)" height="(\d+)"/.exec(text)!;
    const scale = Math.min(2, 12_000 / Math.max(Number(size[1]), Number(size[2])));
    const image = new Image();
    const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
    try {
      await new Promise((resolve, reject) => {
        image.onload = resolve;
        image.onerror = reject;
        image.src = url;
      });
      const canvas = document.createElement('canvas');
      canvas.width = Number(size[1]) * scale;
      canvas.height = Number(size[2]) * scale;
      canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => blob && saveFile(`${objects?.database ?? 'schema'}.png`, 'image/png', blob), 'image/png');
    } finally {
      URL.revokeObjectURL(url);
    }
  };
  const schemas = [...new Set((objects?.tables ?? []).map((table) => table.schema))];

  return (
    <div className="diagram-page">
      <header className="toolbar">
        <DatabasePicker />
        {schemas.length > 1 && (
          <select aria-label="Schema" value={schema} onChange={(event) => setSchema(event.target.value)}>
            <option value="">all schemas</option>
            {schemas.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )}
        <input type="search" className="diagram-search" aria-label="Find a table or column" placeholder="Find a table or column" value={search} onChange={(event) => setSearch(event.target.value)} />
        <span className="grow" />
        <label className="limit">
          <input type="checkbox" checked={compact} onChange={(event) => setCompact(event.target.checked)} /> Keys only
        </label>
        <Menu title="Export" label="Export" icon={<Download size={14} />} align="right">
          {(close) => (
            <>
              <MenuItem onClick={() => (close(), saveFile(`${objects?.database ?? 'schema'}.svg`, 'image/svg+xml', svg()))}>SVG</MenuItem>
              <MenuItem onClick={() => (close(), void exportPng())}>PNG</MenuItem>
            </>
          )}
        </Menu>
      </header>
      <div className="diagram" key={database.id}>
        {objects && tables.length === 0 ? (
          <Empty title="There are no tables to draw" />
        ) : !places ? (
          <div className="alone">
            <Spinner label="Laying out" />
          </div>
        ) : (
          <ReactFlow
            defaultNodes={nodes}
            nodes={undefined}
            key={`${[...places.keys()].join()} ${compact}`}
            edges={edges}
            nodeTypes={nodeTypes}
            colorMode={dark ? 'dark' : 'light'}
            minZoom={0.05}
            fitView
            fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
            proOptions={{ hideAttribution: true }}
            nodesConnectable={false}
            edgesFocusable={false}
            onlyRenderVisibleElements={tables.length > 120}
            onNodeDoubleClick={(_, node) => {
              const { table } = (node as TableNode).data;
              go(tablePath(table.schema, table.name));
            }}
          >
            <Found wanted={wanted} isFound={isFound} />
            <Background gap={22} />
            <Controls showInteractive={false} />
            {tables.length > 12 && <MiniMap pannable zoomable />}
          </ReactFlow>
        )}
      </div>
    </div>
  );
}

// What is found changes the cards where they stand: those that were moved stay moved.
function Found({ wanted, isFound }: { wanted: string; isFound: (table: Table) => boolean | null }) {
  const flow = useReactFlow<TableNode>();
  useEffect(() => {
    flow.setNodes((nodes) => nodes.map((node) => ({ ...node, data: { ...node.data, found: isFound(node.data.table) } })));
  }, [wanted]);
  return null;
}
