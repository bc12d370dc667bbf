// Where a leaked token was found, as far as it is kept: enough to go there, nothing that opens anything. Addresses lose what is
// secret in them; a token in the text loses its secret.

export interface Place {
  /** An address or a path; empty if nobody said. */
  url: string;
  /** What kind of place, in a word of the reporter's; empty if nobody said. */
  source: string;
}

const mostOfUrl = 500;
const mostOfSource = 64;

interface SaidPlace {
  url?: string | undefined;
  source?: string | undefined;
  /** What was found there, whatever it looks like. */
  tokens: readonly string[];
}

/** What was said of a place, cut and cleaned; never throws. */
export function placeOf({ url = '', source = '', tokens }: SaidPlace): Place {
  const bare = (text: string) =>
    tokens.reduce((rest, token) => (token === '' ? rest : rest.replaceAll(token, '…')), text);
  return {
    url: plain(withoutSecrets(bare(url))).slice(0, mostOfUrl),
    source: plain(bare(source)).slice(0, mostOfSource),
  };
}

/** Without user, password, query and fragment. What is no address of the web is taken for a path. */
function withoutSecrets(text: string): string {
  const parsed = /^https?:/i.test(text) ? URL.parse(text) : null;
  if (parsed !== null) return `${parsed.origin}${parsed.pathname}`;
  // Of a malformed address, what stands before an @ may be a password.
  const [path = ''] = text.split(/[?#]/, 1);
  return path.replace(/^([a-z][a-z0-9+.-]*:\/*)?[^/\s]*@/i, '$1');
}

function plain(text: string): string {
  const masked = text
    .slice(0, 4 * mostOfUrl)
    .replace(tokens, '$1…')
    .replace(longRuns, (run) => (isHex(run) ? run : '…'));
  return masked.replace(/[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffd]/g, '').trim();
}

/** Their secrets, cut short too, behind the public id. */
const tokens = /(_[0-9A-Za-z]{22}_)[0-9A-Za-z]+/g;
/** Passwords and keys are as long; so are commits. */
const longRuns = /[0-9A-Za-z]{43,}/g;
const isHex = (text: string) => /^[0-9a-f]+$/.test(text);
