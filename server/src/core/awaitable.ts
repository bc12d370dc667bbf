// A value that may be here already. Awaiting one that is costs a warm check as much as the check, so the hot path waits
// only for what is still on its way.

export type Awaitable<T> = T | Promise<T>;

/** `next` of the value: at once if it is here, else when it comes. What `next` throws at once is thrown. */
export function whenHere<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
