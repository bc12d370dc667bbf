// The paths of guarded routes, in the part of the router's language that can be matched without the router. It is asked
// only where the router has no answer: whose words a refusal takes for a path whose method is not guarded.

const segment = /^(?::[A-Za-z_][A-Za-z0-9_]*|[A-Za-z0-9_.~!$&'()+,=@-]*)$/;

/** A route that cannot be served. The message continues "routes: "; it is for whoever wrote the configuration. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
}

/**
 * Reads `/a/:name/b` or `/a/*`. Throws a RouteError for anything else that the router would take (`:id(^\\d+$)`, `:a-:b`).
 * The result matches decoded paths.
 */
export function routePattern(path: string): RegExp {
  const [root, ...segments] = path.split('/');
  const last = segments.at(-1) === '*' ? segments.pop() : undefined;
  if (root !== '' || !segments.every((one) => segment.test(one))) {
    throw new RouteError(`${path} is not a path such as /files/:name or /files/*`);
  }
  const source = segments
    .map((one) => (one.startsWith(':') ? '/[^/]*' : `/${one.replace(/[.$()+]/g, '\\$&')}`))
    .join('');
  return new RegExp(`^${source}${last === undefined ? '' : '/.*'}$`, 's');
}
