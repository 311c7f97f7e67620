// CSV as spreadsheets write it and as PostgreSQL reads it: nothing is NULL, "" is an empty text.
import type { Value } from './api';

// The text of a file. Throws where its bytes are no text: replaced by � they would be lost.
export function textOf(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  if (utf16) return new TextDecoder(utf16, { fatal: true }).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`line ${brokenLine(bytes)} is not UTF-8: save the file as “CSV UTF-8”`);
  }
}

// A line break is never part of another character.
function brokenLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let line = 1, from = 0; ; line++) {
    const end = bytes.indexOf(10, from);
    try {
      decoder.decode(bytes.subarray(from, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    from = end + 1;
  }
}

// Its rows, all as long as the first. Throws an Error that says which row is not, or what else is wrong with it.
export function parseCsv(text: string): Value[][] {
  const firstLine = text.slice(0, text.indexOf('\n') + 1 || text.length).replace(/"(?:[^"]|"")*"/g, '');
  const delimiter = [',', ';', '\t'].map((each) => [each, firstLine.split(each).length] as const).sort((a, b) => b[1] - a[1])[0][0];
  const rows: Value[][] = [];
  let row: Value[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let number = 1; // as a spreadsheet counts them
  const wrong = (reason: string) => new Error(`row ${number} ${reason}`);
  const finish = () => {
    const isBlank = row.length === 1 && row[0] === null;
    if (rows.length > 0 && row.length !== rows[0].length && !isBlank)
      throw wrong(`has ${row.length} ${row.length === 1 ? 'field' : 'fields'}, the first one has ${rows[0].length}`);
    if (!isBlank || rows.length === 0 || rows[0].length === 1) rows.push(row);
    row = [];
    number++;
  };
  while (at < text.length) {
    if (text[at] === '"') {
      let value = '';
      for (at++; ; ) {
        const end = text.indexOf('"', at);
        if (end < 0) throw wrong('has a quote that is never closed');
        value += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        value += '"';
        at++;
      }
      if (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r')
        throw wrong('has text behind a closing quote: a quote within quotes is written ""');
      row.push(value);
    } else {
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++;
      row.push(end > at ? text.slice(at, end) : null);
      at = end;
    }
    if (text[at] === delimiter) {
      at++;
      if (at < text.length) continue;
      row.push(null);
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    finish();
  }
  return rows;
}

export const csvValue = (value: Value) =>
  value === null ? '' : value === '' || /[",\r\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
