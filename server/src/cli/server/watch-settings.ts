// When a running server looks at its settings anew: at SIGHUP, and when a file of theirs has changed and rests. What is taken
// of them, and what is said, is the server's.

import { statSync } from 'node:fs';
import process from 'node:process';

const lookMs = 1000;

export interface WatchedSettings {
  /** From now on `reload` is called; once at once, where there was a SIGHUP before. */
  start(reload: () => void): void;
  stop(): void;
}

/** Call it before what takes long: from then on SIGHUP does not end the process. `files` are looked at each second. */
export function watchSettings(files: () => readonly string[]): WatchedSettings {
  let reload: (() => void) | null = null;
  let isDue = false;
  let known = stateOf(files());
  let before = known;
  const look = () => {
    const now = stateOf(files());
    // A file that is being written, or one of two that are replaced together, is not looked at yet.
    const rests = now === before;
    before = now;
    if (!rests || now === known) return;
    known = now;
    reload?.();
  };
  const onHangUp = () => {
    if (reload === null) isDue = true;
    else reload();
  };
  process.on('SIGHUP', onHangUp);
  let timer: NodeJS.Timeout | undefined;
  return {
    start(given) {
      reload = given;
      timer = setInterval(look, lookMs);
      timer.unref();
      if (isDue) given();
    },
    stop() {
      clearInterval(timer);
      // The handler stays, so that a late SIGHUP does not cut the end short.
      reload = () => {};
    },
  };
}

/** By the file at the end of all links: Kubernetes replaces what it mounts by swapping one. */
function stateOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}`;
    })
    .join(' ');
}
