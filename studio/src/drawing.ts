// The diagram as a file: SVG made from the same places and sizes as on the screen.
import { displayName, type ForeignKey, type Table, tableId } from './api';

export const nodeWidth = 250;
export const lineHeight = 24;
const headHeight = 37;

export function shownColumns(table: Table, keys: ForeignKey[], compact: boolean) {
  if (!compact) return table.columns.slice(0, 40);
  return table.columns.filter(({ name }) => table.key?.includes(name) || keys.some((key) => key.columns.includes(name)));
}
export function heightOf(table: Table, keys: ForeignKey[], compact: boolean) {
  const columns = shownColumns(table, keys, compact).length;
  return headHeight + columns * lineHeight + (columns < table.columns.length ? lineHeight : 0) + 4;
}

const escape = (text: string) => text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
const cutText = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

export function diagramSvg(tables: Table[], keys: ForeignKey[], places: Map<string, { x: number; y: number }>, compact: boolean, dark: boolean) {
  const colours = dark
    ? { page: '#0c1113', card: '#151c1f', head: '#1d272b', line: '#2c3a40', text: '#e4eceb', muted: '#8fa3a5', edge: '#4b6369', key: '#fbbf24', link: '#2dd4bf' }
    : { page: '#ffffff', card: '#ffffff', head: '#f1f5f5', line: '#d7dfe0', text: '#14201f', muted: '#64777a', edge: '#9fb2b5', key: '#b45309', link: '#0d9488' };
  const keysOf = (table: Table) => keys.filter((key) => key.schema === table.schema && key.table === table.name);
  const boxes = new Map(
    tables.map((table) => {
      const { x, y } = places.get(tableId(table)) ?? { x: 0, y: 0 };
      return [tableId(table), { x, y, height: heightOf(table, keysOf(table), compact), table }];
    }),
  );
  const all = [...boxes.values()];
  const margin = 40;
  const left = Math.min(...all.map(({ x }) => x)) - margin;
  const top = Math.min(...all.map(({ y }) => y)) - margin;
  const width = Math.ceil(Math.max(...all.map(({ x }) => x + nodeWidth)) + margin - left);
  const height = Math.ceil(Math.max(...all.map(({ y, height }) => y + height)) + margin - top);
  const edges = keys.map((key) => {
    const from = boxes.get(`${key.schema}.${key.table}`)!;
    const to = boxes.get(`${key.toSchema}.${key.toTable}`)!;
    const line = shownColumns(from.table, keysOf(from.table), compact).findIndex(({ name }) => name === key.columns[0]);
    const x1 = from.x + nodeWidth;
    const y1 = from.y + (line < 0 ? 18 : headHeight + line * lineHeight + lineHeight / 2);
    const y2 = to.y + 18;
    const bend = Math.max(40, Math.abs(to.x - x1) / 2);
    return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}" fill="none" stroke="${colours.edge}" stroke-width="1.5" marker-end="url(#arrow)"/>`;
  });
  const cards = all.map(({ x, y, height, table }) => {
    const own = keysOf(table);
    const columns = shownColumns(table, own, compact);
    const lines = columns.map((column, index) => {
      const middle = y + headHeight + index * lineHeight + 16;
      const colour = table.key?.includes(column.name) ? colours.key : own.some((key) => key.columns.includes(column.name)) ? colours.link : '';
      return `${colour ? `<circle cx="${x + 14}" cy="${middle - 4}" r="3.5" fill="${colour}"/>` : ''}<text x="${x + 26}" y="${middle}" fill="${colours.text}">${escape(cutText(column.name, 20))}</text><text x="${x + nodeWidth - 12}" y="${middle}" fill="${colours.muted}" text-anchor="end" font-size="11">${escape(cutText(column.type + (column.notNull ? '' : '?'), 18))}</text>`;
    });
    const rest = table.columns.length - columns.length;
    return `<g><rect x="${x}" y="${y}" width="${nodeWidth}" height="${height}" rx="9" fill="${colours.card}" stroke="${colours.line}"/><path d="M${x} ${y + 9}a9 9 0 0 1 9-9h${nodeWidth - 18}a9 9 0 0 1 9 9v${headHeight - 9}h-${nodeWidth}z" fill="${colours.head}" stroke="${colours.line}"/><text x="${x + 12}" y="${y + 24}" fill="${colours.text}" font-weight="600">${escape(cutText(displayName(table.schema, table.name), 30))}</text>${lines.join('')}${rest > 0 ? `<text x="${x + 26}" y="${y + headHeight + columns.length * lineHeight + 16}" fill="${colours.muted}">${rest} more</text>` : ''}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}" font-family="system-ui, sans-serif" font-size="12.5"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colours.edge}"/></marker></defs><rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${colours.page}"/>${edges.join('')}${cards.join('')}</svg>\n`;
}
