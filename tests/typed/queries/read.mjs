// cases.txt: "## title", lines that begin with "ts: " or "cpp: ", each with what follows until the next one.
export function readCases(text) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title, ...lines] = part.split('\n');
      const sides = { title, ts: '', cpp: '' };
      let side;
      for (const line of lines) {
        const begins = /^(ts|cpp): (.*)$/.exec(line);
        if (begins) side = begins[1];
        if (side) sides[side] += `${begins ? begins[2] : line}\n`;
      }
      for (const name of ['ts', 'cpp']) if (!sides[name].trim()) throw new Error(`case '${title}' has no ${name}: line`);
      return { title, ts: sides.ts.trim(), cpp: sides.cpp.trim() };
    });
}
