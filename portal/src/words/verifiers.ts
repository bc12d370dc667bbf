// Texts of the verifiers page.

export const verifierWords = {
  title: 'Verifiers',
  intro:
    'Services that check calls by themselves and follow this server’s changes. When a credential is deactivated, each of them must hear of it; here you see whether they do.',
  columns: {
    name: 'Verifier',
    state: 'State',
    acknowledged: 'Last heard',
    connected: 'Follows since',
    node: 'Through',
  },
  upToDate: 'Up to date',
  behind: (wait: string) => `${wait} behind`,
  lost: 'Connection lost',
  notYet: 'Nothing yet',
  position: (cursor: string) => `Entry ${cursor}`,
  none: 'No verifier follows',
  noneText:
    'A service that guards itself with the SDK checks calls without asking Keyward, and hears of revocations within a second. It needs a token with the permissions verify:credential and follow:feed.',
  code: 'A verifier in Node',
  makeToken: 'To API tokens',
  receipt: {
    title: 'Last receipt',
    intro: 'Proof of how fast a change reached everyone, made when somebody asks for it with ?receipt=.',
    none: 'No receipt was asked for since the server started.',
    what: 'Change',
    when: 'When',
    reached: 'In effect at',
    reachedOf: (effective: number, of: number) => `${effective} of ${of}`,
    all: (of: number) => (of === 1 ? 'everyone: this server alone' : `everyone: all ${of}, this server among them`),
    slowest: 'Slowest verifier',
    waiting: 'Not yet answered',
    nobody: 'nobody',
    on: (action: string, subject: string) => `${action} (${subject})`,
    unknown: 'A change',
    entry: 'Show in the journal',
  },
  ms: (ms: string) => `${ms} ms`,
};
