// What an upgrade changed for somebody, as lines of the log. The journal has each of them.

import type { Prepared } from '../core/start-up.ts';
import type { Logger } from '../http/log.ts';

const most = 10;

/** One line, at the first start after the upgrade; nothing where nobody lost anything. */
export function tellUpgrade({ narrowed }: Prepared, logger: Pick<Logger, 'warn'>): void {
  if (narrowed.length === 0) return;
  const first = narrowed
    .slice(0, most)
    .map(({ type, id, name, organizationId, lost }) => ({ type, id, name, organizationId, lost }));
  logger.warn(
    { count: narrowed.length, first },
    'patterns such as read:* no longer reach what is Keyward’s own: these roles and API tokens lost some permissions. ' +
      'Where they shall keep one, give it by its name; the journal lists all, under wildcards_narrowed',
  );
}
