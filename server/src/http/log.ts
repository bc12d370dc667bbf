// The one logger: JSON lines, so that nothing a client sends can begin a line of its own or colour a terminal (S124).
// It never sees URLs, query strings, bodies or headers: what names a request is its method, its route's pattern and its id.

import { type DestinationStream, type Logger, type LevelWithSilent as LogLevel, pino } from 'pino';

export type { Logger, LogLevel };

/** Keys that are dropped wherever they are logged at the top or one level below; a last wall, not the first. */
const secretKeys = [
  'authorization',
  'cookie',
  'set-cookie',
  'headers',
  'query',
  'body',
  'url',
  'token',
  'apiToken',
  'secret',
  'password',
  'credential',
];

/** A logger of JSON lines. Writes to the standard output unless a destination is given. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, req: describeRequest, res: describeReply },
    redact: { paths: secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), remove: true },
    hooks: { streamWrite: escapeControls },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** An error as it is logged: never its own properties, where drivers keep the values of a statement. */
function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : typeof error };
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

function describeRequest(request: { id?: string; method?: string; routeOptions?: { url?: string | undefined } }) {
  return { id: request.id, method: request.method, route: request.routeOptions?.url };
}

function describeReply(reply: { statusCode?: number }) {
  return { status: reply.statusCode };
}

/** JSON leaves DEL, the C1 controls and the two Unicode line ends as they are; a terminal or a log reader might not. */
function escapeControls(line: string): string {
  return line.replace(/[\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
