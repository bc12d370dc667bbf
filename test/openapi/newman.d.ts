// The part of newman that the tests use; the package brings no types.

declare module 'newman' {
  export interface RunSummary {
    run: {
      failures: readonly { source?: { name?: string }; error: Error }[];
      stats: Readonly<Record<'requests' | 'assertions', { total: number }>>;
    };
  }
  export interface RunOptions {
    collection: object;
    environment: object;
    timeoutRequest: number;
  }
  const newman: {
    run(options: RunOptions, done: (error: Error | null, summary: RunSummary) => void): void;
  };
  export default newman;
}
