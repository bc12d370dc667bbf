// How a server's process ends: on a signal, or on a failure that nobody caught, after what is under way is finished.

import process from 'node:process';
import { realTerminal } from '../terminal/terminal.ts';

const limitMs = 10_000;
/** For what reloads nothing: with its terminal it ends. */
export const withHangUp: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Ctrl-C often arrives more than once (from the terminal and from npm); only a later one means "at once". */
const repeatMs = 1_000;
const orphanCheckMs = 200;

/**
 * Waits for SIGINT or SIGTERM (for other signals where they are given), or for an error that nobody caught, then closes. Listens for them from the moment
 * it is called, so call it before telling anyone that the server is ready. Resolves with the exit code: 0 after a
 * signal, 1 after an error or when closing fails. Ends the process itself if closing takes over 10 seconds, or on a
 * second signal.
 */
export async function untilStopped(
  close: (reason: string) => Promise<void>,
  { errors } = realTerminal(),
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'],
): Promise<number> {
  const say = (text: string) => errors.write(`${text}\n`);
  const { reason, failure } = await firstCause(say, signals);
  if (failure !== null) say(`Keyward stops because of an error that should not happen: ${describe(failure)}`);
  const limit = setTimeout(() => {
    say('Closing took more than 10 seconds; stopped without waiting any longer.');
    process.exit(1);
  }, limitMs);
  limit.unref();
  try {
    await close(reason);
  } catch (error) {
    say(`Closing failed: ${describe(error)}`);
    return 1;
  }
  return failure === null ? 0 : 1;
}

// The listeners stay: without one, a signal would end the process in the middle of closing.
function firstCause(
  say: (text: string) => void,
  signals: readonly NodeJS.Signals[],
): Promise<{ reason: string; failure: unknown }> {
  let stoppedAt: number | null = null;
  return new Promise((resolve) => {
    const onSignal = (reason: string) => {
      if (stoppedAt === null) {
        stoppedAt = Date.now();
        clearInterval(watch);
        resolve({ reason, failure: null });
      } else if (Date.now() - stoppedAt >= repeatMs) {
        say('Stopped at once.');
        process.exit(1);
      }
    };
    const onFailure = (error: unknown) => {
      if (stoppedAt !== null) say(`While closing: ${describe(error)}`);
      stoppedAt ??= Date.now();
      clearInterval(watch);
      resolve({ reason: 'an error', failure: error ?? new Error('A promise was rejected with nothing.') });
    };
    for (const signal of signals) process.on(signal, onSignal);
    for (const failure of ['uncaughtException', 'unhandledRejection']) process.on(failure, onFailure);
    const watch = whenOrphaned(() => onSignal('npm has ended'));
  });
}

/** npx hands a signal to the shell between it and this process, and that shell dies of it without telling anyone. */
function whenOrphaned(act: () => void): NodeJS.Timeout | undefined {
  const isUnderNpm = process.env.npm_command !== undefined && process.platform !== 'win32';
  if (!isUnderNpm) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => process.ppid !== parent && act(), orphanCheckMs);
  return watch.unref();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
