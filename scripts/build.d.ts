// For TypeScript: what tests use of build.js.

/** The portal alone, into portal/dist; resolves with whether there was something to do. */
export function buildPortal(node: string): Promise<boolean>;
