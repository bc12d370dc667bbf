// What the variables of the Postman collection are called that stand for a part of a path. It reads paths alone.

/** `userId` for `{id}` behind `users`; of a name of several words the last one counts. */
export function variableOf(collection: string, parameter: string): string {
  const word = parameter.split(/(?=[A-Z])|_/).at(-1) ?? parameter;
  return `${nounOf(collection)}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** One of what a path's step lists: `apiUser` of `api-users`. */
export function nounOf(collection: string): string {
  return collection.replace(/s$/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
