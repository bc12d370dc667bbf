// The answer to an authorization request, as a browser takes it to the application (RFC 6749 section 4.1.2): parameters
// added to the query of its redirect URI, `iss` always among them (RFC 9207). What is answered is decided elsewhere.

/** `parameters` without a value are left out. */
export function answerUrl(
  redirectUri: string,
  issuer: string,
  parameters: Readonly<Record<string, string | null>>,
): string {
  const given = Object.entries({ ...parameters, iss: issuer }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as [string, string]],
  );
  // The registered query stays as it is, to the letter.
  const separator = redirectUri.includes('?') ? (/[?&]$/.test(redirectUri) ? '' : '&') : '?';
  return redirectUri + separator + new URLSearchParams(given).toString();
}
