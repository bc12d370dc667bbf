// Finds the regular expressions in TypeScript sources, and strings that make a careless one slow. It knows no grammar
// but that of a literal and of what may stand before one.

export interface FoundPattern {
  file: string;
  line: number;
  pattern: RegExp;
}

/** After these a slash begins a pattern; after a name, a number or a closing bracket it divides. */
const literal =
  /(?:^|[(,=:[!&|?{};+>]|\breturn)[ \t\n]*\/((?:[^/\\\n[*]|\\.|\[(?:[^\]\\\n]|\\.)*\])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])*)\/([dgimsuvy]*)/gm;

/** The literals in a source. Throws for one that cannot be compiled, which is then none. */
export function patternsIn(file: string, source: string): FoundPattern[] {
  const code = source.replace(/^[ \t]*(?:\/\/|\/?\*).*$/gm, '').replace(/[ \t]\/\/ .*$/gm, '');
  return [...code.matchAll(literal)].map((found) => ({
    file,
    line: code.slice(0, found.index + found[0].length).split('\n').length,
    pattern: new RegExp(found[1] ?? '', found[2]),
  }));
}

const length = 50_000;
const characters = [...'aA0 .-_/\\",;=@:%&?*+([{<~|\t\n\u0000\u00e9\u200b'];

/** Long texts that nearly match: repetitions of what the pattern is made of, alone and in pairs, with a false end. */
export function attacksOn({ source }: RegExp): string[] {
  const own = [...new Set(source.replace(/\\[a-z]\{[^}]*\}|\\[bBdDsSwW]/g, '').replace(/[\\^$()[\]{}?*+|]/g, ''))];
  const units = [...characters, ...own.slice(0, 30)];
  const pairs = own.slice(0, 6).flatMap((one) => ['a', '0', ' ', '=', ...own.slice(0, 3)].map((other) => one + other));
  const prefix = /^\^?([A-Za-z0-9_ -]+)/.exec(source)?.[1] ?? '';
  return [...new Set([...units, ...pairs])].flatMap((unit) => {
    const repeated = unit.repeat(Math.ceil(length / unit.length));
    return [`${prefix}${repeated}\u0001`, `${repeated}${prefix}`];
  });
}

/** The longest that a pattern took for one attack, in milliseconds, with the attack that took it. */
export function slowest(pattern: RegExp, attacks: readonly string[]): { ms: number; attack: string } {
  let worst = { ms: 0, attack: '' };
  for (const attack of attacks) {
    const ms = Math.min(timed(pattern, attack), timed(pattern, attack));
    if (ms > worst.ms) worst = { ms, attack: attack.slice(0, 12) };
  }
  return worst;
}

function timed(pattern: RegExp, text: string): number {
  pattern.lastIndex = 0;
  const before = cpuMs();
  pattern.test(text);
  return cpuMs() - before;
}

/** What this thread has used of a processor: other programs' turns are no slowness of ours. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
