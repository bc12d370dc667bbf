// How a server's process ends: on a signal, or on a failure that nobody caught, after what is under way is finished.

import process from 'node:process';
import { realTerminal } from './terminal.ts';

const limitMs = 10_000;
/** Ctrl-C often arrives more than once (from the terminal and from npm); only a later one means "at once". */
const repeatMs = 1_000;

/**
 * Waits for SIGINT, SIGTERM or SIGHUP, or for an error that nobody caught, then closes. Resolves with the exit code:
 * 0 after a signal, 1 after an error or when closing fails. Ends the process itself if closing takes over 10 seconds,
 * or on a second signal.
 */
export async function untilStopped(close: () => Promise<void>, { errors } = realTerminal()): Promise<number> {
  const say = (text: string) => errors.write(`${text}\n`);
  const failure = await firstCause();
  if (failure !== null) say(`Keyward stops because of an error that should not happen: ${describe(failure)}`);
  const closedAt = Date.now();
  const again = () => {
    if (Date.now() - closedAt < repeatMs) return;
    say('Stopped at once.');
    process.exit(1);
  };
  for (const signal of signals) process.on(signal, again);
  for (const late of failures) process.on(late, (error) => say(`While closing: ${describe(error)}`));
  const limit = setTimeout(() => {
    say('Closing took more than 10 seconds; stopped without waiting any longer.');
    process.exit(1);
  }, limitMs);
  limit.unref();
  try {
    await close();
  } catch (error) {
    say(`Closing failed: ${describe(error)}`);
    return 1;
  }
  return failure === null ? 0 : 1;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const failures = ['uncaughtException', 'unhandledRejection'] as const;

function firstCause(): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = () => settle(null);
    const settle = (cause: unknown) => {
      for (const signal of signals) process.off(signal, stop);
      for (const failure of failures) process.off(failure, settle);
      resolve(cause);
    };
    for (const signal of signals) process.on(signal, stop);
    for (const failure of failures) process.on(failure, settle);
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
