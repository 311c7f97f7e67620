// Prometheus's text format, read as strictly as node_exporter's textfile collector does: HELP and TYPE once and before
// the samples, samples of a metric together, labels quoted and escaped, no sample twice, no timestamps, a newline at the
// end. Gives [{name, labels, value}]; throws with the line that is wrong.
export function parse(text) {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples = [];
  const seen = new Set();
  const closed = new Set();
  let current = null;
  let typed = null;
  text.slice(0, -1).split('\n').forEach((line, index) => {
    const wrong = (why) => new Error(`line ${index + 1}: ${why}: ${line}`);
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, rest] = comment;
      if (kind === 'HELP') {
        if (closed.has(name) || name === current) throw wrong('a second HELP');
        if (current) closed.add(current);
        [current, typed] = [name, null];
        if (/\\(?![\\n])/.test(rest)) throw wrong('a wrong escape');
      } else {
        if (name !== current || typed) throw wrong('TYPE does not stand behind its HELP');
        if (!['gauge', 'counter', 'untyped'].includes(rest)) throw wrong('no such type');
        typed = rest;
      }
      return;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\} (\S+)$/.exec(line);
    if (!sample) throw wrong('neither HELP, TYPE nor a sample');
    const [, name, inside, value] = sample;
    if (name !== current || !typed) throw wrong('a sample without its HELP and TYPE');
    if (inside.endsWith(',')) throw wrong('a comma too many');
    if (Number.isNaN(Number(value))) throw wrong('the value is no number');
    const labels = {};
    for (const [, key, quoted] of inside.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)) {
      if (key in labels) throw wrong('a label twice');
      labels[key] = quoted.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter));
    }
    const identity = name + JSON.stringify(Object.entries(labels).sort());
    if (seen.has(identity)) throw wrong('a sample twice');
    seen.add(identity);
    samples.push({ name, labels, value: Number(value) });
  });
  if (samples.length === 0) throw new Error('no sample');
  return samples;
}
