// Entries of the journal that tell of no change, as that a limit is reached: nothing that anybody remembers depends on them.

const notice = /\.(?:expiring|refused_unusually|limit_nearly_reached|limit_reached)$/;

export function isNotice(action: string): boolean {
  return notice.test(action);
}
