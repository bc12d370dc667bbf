// What the variables of the Postman collection are called that stand for a part of a path. It reads paths alone.

/** `userId` for `{id}` behind `users`; a name of several words says enough by itself. */
export function variableOf(collection: string, parameter: string): string {
  if (!/^[a-z]+$/.test(parameter)) return parameter;
  return `${nounOf(collection)}${parameter.charAt(0).toUpperCase()}${parameter.slice(1)}`;
}

/** One of what a path's step lists: `apiUser` of `api-users`. */
export function nounOf(collection: string): string {
  return collection.replace(/s$/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
