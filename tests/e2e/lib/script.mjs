// A case file: lines of verbs, then files of its workspace, each after a line `-- path --`.
import fs from 'node:fs/promises';

export async function readScript(file) {
  const steps = [];
  const files = new Map();
  let section = null;
  const lines = (await fs.readFile(file, 'utf8')).split('\n');
  lines.forEach((line, index) => {
    const marker = /^-- (\S+) --$/.exec(line);
    if (marker) {
      section = marker[1];
      files.set(section, []);
    } else if (section !== null) {
      files.get(section).push(line);
    } else if (line.trim() !== '' && !line.startsWith('#')) {
      const [, verb, rest] = /^(\S+)\s*(.*)$/.exec(line.trim());
      steps.push({ verb, rest, line: index + 1 });
    }
  });
  for (const [name, text] of files) {
    while (text.length > 0 && text.at(-1) === '') text.pop();
    files.set(name, text.join('\n') + '\n');
  }
  return { steps, files };
}
