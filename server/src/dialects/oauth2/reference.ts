// What the description of the API says of OAuth's endpoints. Grants differ in what they need of one and the same body: an
// example shows the simplest one.

import { Type } from 'typebox';
import { type Reference, samples } from '../operation.ts';
import { OAuthError } from './error.ts';

export const reference: Reference = {
  about: 'OAuth 2.0: access tokens for one API and a scope.',
  error: OAuthError,
  operations: {
    'GET /oauth/authorize': {
      id: 'oauthAuthorize',
      summary: 'Ask somebody to let an application act for them',
      description:
        'For browsers: to the page that asks, or back to the application with what is wrong. PKCE with S256 is required.',
      credential: 'none',
      needs: 'an application, and a browser',
      answers: { 302: null, 400: { 'text/html': Type.String(), 'application/json': OAuthError } },
    },
    'POST /oauth/device': {
      id: 'oauthDevice',
      summary: 'Ask somebody elsewhere to let a device act for them',
      description:
        'For what has no browser or no keyboard: its person types `user_code` at `verification_uri`, while the device polls the token endpoint with `device_code`.',
      credential: 'client',
      fails: ['too_many_requests'],
      body: { client_id: 'keyward-cli' },
    },
    'POST /oauth/token': {
      id: 'oauthToken',
      summary: 'Get an access token',
      credential: 'client',
      fails: ['too_many_requests'],
      body: {
        grant_type: 'client_credentials',
        client_id: samples.apiUserUsername,
        client_secret: samples.apiUserPassword,
      },
    },
    'POST /oauth/introspect': {
      id: 'oauthIntrospect',
      summary: 'Read what a token says',
      description: 'A bearer may ask in place of a client. Whatever does not count there is `{"active":false}`.',
      credential: 'client',
      permissions: ['verify:credential'],
      fails: ['forbidden', 'too_many_requests'],
      body: { token: samples.apiToken, client_id: samples.apiUserUsername, client_secret: samples.apiUserPassword },
      needs: 'an API user that holds verify:credential',
    },
    'POST /oauth/revoke': {
      id: 'oauthRevoke',
      summary: 'End an access token',
      description:
        'Of the client alone, with all that was made from it. Whatever else is sent is 200 too. With `receipt`, milliseconds to wait, it says whom the end has reached.',
      credential: 'client',
      fails: ['too_many_requests'],
      body: {
        token: 'an-access-token',
        client_id: samples.apiUserUsername,
        client_secret: samples.apiUserPassword,
      },
    },
    'GET /.well-known/oauth-authorization-server': {
      id: 'oauthMetadata',
      summary: 'Read where everything is, and what is understood',
      credential: 'none',
    },
    'GET /.well-known/oauth-protected-resource': {
      id: 'oauthResourceMetadata',
      summary: 'Read who issues tokens for the default API',
      description: 'Asked for at the host of another API, it is about that one.',
      credential: 'none',
      fails: ['not_found'],
    },
    'GET /.well-known/oauth-protected-resource/*': {
      id: 'oauthResourceMetadataOf',
      summary: 'Read who issues tokens for an API',
      description: 'What follows is the path of the identifier of an API, or `v1/apis/` and its handle.',
      credential: 'none',
      fails: ['not_found'],
      needs: 'an API beside the default one',
    },
  },
};
