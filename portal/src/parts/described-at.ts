// Where an application is from that nobody registered. What it is called is its own claim, which never stands without this.

/** The host of the address where it describes itself; null for one that was registered. */
export function hostDescribing({ metadataUrl }: { metadataUrl: string | null }): string | null {
  return metadataUrl === null ? null : new URL(metadataUrl).host;
}
