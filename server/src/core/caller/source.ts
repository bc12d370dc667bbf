// What an access token is made from, and what calls are counted by: which credential it is.

/** What an access token was made from. */
export interface AccessTokenSource {
  type: 'user' | 'api_user' | 'api_token';
  id: string;
}
