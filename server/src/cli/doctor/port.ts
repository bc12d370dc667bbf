// Where the settings have the server listen, on this machine: whether it does, and whether somebody else is there.

import { type Config, listenUrl } from '../../config/config.ts';
import { type Finding, findingsOf } from './finding.ts';
import { askPublicly } from './public-question.ts';

/** Nothing for a port that is chosen anew at each start. */
export async function lookAtPort(config: Config): Promise<Finding[]> {
  if (config.port === 0) return [];
  const { ok, warning, problem } = findingsOf('port');
  const at = `${config.host}, port ${config.port}`;
  const answer = await askPublicly(`${listenUrl(config, config.port)}/readyz`);
  if (typeof answer === 'string') {
    if (answer === 'nobody listens there')
      return [warning(`nobody listens on ${at}: the server does not run`, 'Start it: keyward serve')];
    const mend = `What has it says: ss -ltnp 'sport = :${config.port}'. End that, or choose another port in the settings.`;
    return [problem(`who listens on ${at} does not answer as this server would: ${answer}`, mend)];
  }
  const { status } = (answer.body ?? {}) as { status?: unknown };
  if (answer.status === 200 && status === 'ready') return [ok(`a Keyward answers on ${at}, and is ready`)];
  if (answer.status === 503 && status === 'unavailable')
    return [problem(`the server on ${at} cannot check calls`, 'Its log says why; most often the database is away.')];
  const mend = `What has it says: ss -ltnp 'sport = :${config.port}'. End that, or choose another port in the settings.`;
  return [problem(`another program has ${at}`, mend)];
}
