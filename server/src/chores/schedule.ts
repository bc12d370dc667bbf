// Runs a chore again and again, never twice at once, and keeps the process alive for none of them.

/** Runs `chore` every `everyMs`, but not before half of that has passed since it ended; a failure is told to `failed` and does not end the schedule. Answers how to stop it. */
export function schedule(everyMs: number, chore: () => Promise<unknown>, failed: (error: unknown) => void): () => void {
  let stopped = false;
  let timer = setTimeout(run, everyMs);
  timer.unref();

  async function run(): Promise<void> {
    const began = performance.now();
    try {
      await chore();
    } catch (error) {
      failed(error);
    }
    if (stopped) return;
    timer = setTimeout(run, Math.max(everyMs / 2, everyMs - (performance.now() - began)));
    timer.unref();
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
