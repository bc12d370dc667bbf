// Server-sent events out of a stream of bytes (HTML Living Standard, section 9.2.6), as far as the feed uses them: event
// and data. Reconnecting belongs to the feed.

export interface ServerEvent {
  event: string;
  data: string;
}

/** No event of ours comes near it: whoever sends a longer line does not speak as Keyward does. */
const longestLine = 1_000_000;

/** Rejects with an Error if a line has no end, and with the stream's own error if it breaks off. */
export async function* eventsIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = '';
  let event = '';
  let data: string[] = [];
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + decoder.decode(part.value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) throw new Error('A line of the event stream has no end.');
      for (const line of lines) {
        if (line !== '') {
          const [field, value] = partsOf(line);
          if (field === 'event') event = value;
          else if (field === 'data') data.push(value);
          continue;
        }
        if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n') };
        event = '';
        data = [];
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** A line without a colon is a field without a value; one that begins with it is a comment. */
function partsOf(line: string): [field: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)];
}
