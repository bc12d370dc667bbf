// Requests that may be sent again without making a second thing, because they carry a key of the client's own.

/** Whether `POST` to this path of Keyward's API makes one thing for each `Idempotency-Key`. Elsewhere it says nothing. */
export function takesIdempotencyKey(path: string): boolean {
  return creating.test(path);
}

/** What a repeated request is answered with, beside what the first one was. */
export const replayedHeader = 'idempotent-replayed';

const creating =
  /^\/v1\/(?:tokens(?:\/[^/]+\/rotate)?|users|invitations|api-users(?:\/[^/]+\/(?:successor|rotate|federated-credentials))?|organizations(?:\/[^/]+\/owners)?|roles|import-recipes|permissions|apis|plans|applications(?:\/[^/]+\/rotate)?|webhooks(?:\/[^/]+\/rotate)?|signing-keys\/rotate)$/;
