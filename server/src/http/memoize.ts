// A function of a text that remembers its answers, for what costs more to work out than to look up. Who makes up ever new
// texts makes it forget and work again; he never makes it grow.

const longest = 256;

/** The same function; `most` answers are remembered, and none to a text of more than 256 characters. */
export function memoized<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const answer = make(text);
    if (text.length > longest) return answer;
    if (known.size >= most) known.clear();
    known.set(text, answer);
    return answer;
  };
}
