// CSV as spreadsheets write it.
export function parseCsv(text: string): string[][] {
  const delimiter = [',', ';', '\t'].map((each) => [each, text.slice(0, text.indexOf('\n') + 1 || text.length).split(each).length] as const).sort((a, b) => b[1] - a[1])[0][0];
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      for (at++; at < text.length; at++) {
        if (text[at] !== '"') value += text[at];
        else if (text[at + 1] === '"') value += text[at++];
        else break;
      }
      at++;
    }
    let end = at;
    while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++;
    value += text.slice(at, end);
    row.push(value);
    at = end;
    if (text[at] === delimiter) {
      at++;
      if (at >= text.length) row.push('');
      continue;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

export const csvValue = (value: string) => (value === '' || /[",\r\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
