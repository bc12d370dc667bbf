// One page of metrics from those of several workers: each number keeps its own line, with the worker that counted it, so that
// one that starts anew begins at nothing without the others' numbers falling.

export interface WorkerPage {
  worker: number;
  /** In Prometheus' exposition format. */
  text: string;
}

interface Family {
  head: string[];
  lines: string[];
}

/** The same families, each once, in the order in which they come. */
export function joinPages(pages: readonly WorkerPage[]): string {
  const families = new Map<string, Family>();
  for (const { worker, text } of pages) {
    let current: Family | undefined;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const about = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (about === null) current?.lines.push(labelled(line, worker));
      else current = familyOf(families, about[2] ?? '', line);
    }
  }
  return [...families.values()]
    .flatMap(({ head, lines }) => [...head, ...lines])
    .map((line) => `${line}\n`)
    .join('');
}

function familyOf(families: Map<string, Family>, name: string, line: string): Family {
  const known = families.get(name) ?? { head: [], lines: [] };
  families.set(name, known);
  if (!known.head.includes(line)) known.head.push(line);
  return known;
}

/** A name ends at its labels or at the value behind it. */
function labelled(line: string, worker: number): string {
  const [name = ''] = /^[^\s{]+/.exec(line) ?? [];
  const rest = line.slice(name.length);
  const label = `worker="${worker}"`;
  return rest.startsWith('{') ? `${name}{${label},${rest.slice(1)}` : `${name}{${label}}${rest}`;
}
