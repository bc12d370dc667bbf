// The budgets that this verifier spends, a book for each organization and plan, and the requests for leases: one at a time
// for all that are due, and the less often the more organizations are in use. A call waits for one that is on its way, since
// that takes no longer than to ask about the call; for its turn none waits long.

import { KeywardError } from '../../errors.ts';
import type { LeaseRequest, LeaseResponse } from '../../wire/leases.ts';
import { type BoundedMap, createBoundedMap } from '../cache/bounded-map.ts';
import type { LimitState } from '../verdict.ts';
import {
  askInstead,
  type Book,
  endIfOver,
  fail,
  isDue,
  leasedIn,
  newBook,
  noteRefusal,
  queue,
  restart,
  type Spending,
  spend,
  take,
  wantedOf,
} from './book.ts';

export interface Limits {
  /** Counts the times that some plan may have become another. */
  readonly epoch: number;
  /** The book of an organization, or of its calls that name a plan. Good until it is gone. */
  bookOf(organization: string, plan?: string): Book;
  /** As `spend` of book.ts, and asks for a lease in time. `now` is monotonic, in milliseconds. */
  spend(book: Book, cost: number, now: number): Spending;
  /** Where a call can be decided here soon: resolves when it is to be looked at again. Never rejects. */
  coming(book: Book): Promise<void> | undefined;
  /** Keyward has refused a call of this cost. Nothing is noted of what was asked in an earlier `epoch`. */
  noteRefusal(book: Book, limit: LimitState, cost: number, now: number, epoch: number): void;
  /** Keyward did not answer when it was asked about a call. */
  noteFailure(book: Book, error: unknown): void;
  /** The organization may have another plan now, or another part of it. */
  restart(organization: string): void;
  /** The plan may be another now. */
  restartPlan(plan: string): void;
  /** Any plan may be another now. */
  restartAll(): void;
  /** False if the organization is known to have another plan than this one. */
  mayHave(organization: string, plan: string): boolean;
  /** What can be spent at this moment without asking. */
  leased(now: number): number;
  /** Gives back what is left. Never rejects. */
  close(): Promise<void>;
}

/** What one request asks for. */
const mostAtOnce = 5000;
/** What comes due at the same time is asked for at once. */
const soonMs = 5;
/** Between two requests, for each book; at most `longestGapMs`. */
const gapMsEach = 10;
const longestGapMs = 1000;
/** So long a call waits for its turn: to ask about many calls at once would take longer. */
const turnMs = 20;
/** No call waits longer for a lease. */
const patienceMs = 1000;
/** Plans that calls name; more are no plans, but something that the program takes from its callers. */
const mostNamed = 100;
/** No book is of a plan without an id. */
const own = '';

/** `ask` makes one request; `capacity`: organizations that are remembered; `clock` is monotonic, in milliseconds. */
export function createLimits(
  verifier: string,
  ask: (request: LeaseRequest) => Promise<LeaseResponse>,
  capacity: number,
  clock: () => number,
): Limits {
  const shelves = new Map<string, BoundedMap<Book>>();
  const due = new Set<Book>();
  let epoch = 0;
  /** The request under way, for whom it is, and what calls wait for that are about these. */
  let sending: { for: ReadonlySet<Book>; answered: Promise<void> } | null = null;
  /** What calls wait for until the next one. */
  let upcoming: PromiseWithResolvers<void> | null = null;
  let sentAt = Number.NEGATIVE_INFINITY;
  /** Nothing that is leased ends before. */
  let earliestEnd = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let isClosed = false;

  const shelf = addShelf(own);

  function addShelf(plan: string): BoundedMap<Book> {
    const made = createBoundedMap<Book>(capacity, retire);
    shelves.set(plan, made);
    return made;
  }

  function shelfOf(plan: string): BoundedMap<Book> | undefined {
    return shelves.get(plan) ?? (shelves.size <= mostNamed ? addShelf(plan) : undefined);
  }

  /** What it has leased counts to its end. */
  function retire(book: Book): void {
    book.isGone = true;
    due.delete(book);
  }

  function* allBooks(): Generator<Book> {
    for (const books of shelves.values()) yield* books.values();
  }

  function gapMs(): number {
    let books = 0;
    for (const { size } of shelves.values()) books += size;
    return Math.min(longestGapMs, gapMsEach * books);
  }

  /** Sees to it that `run` comes when something is due, or has ended. */
  function schedule(): void {
    if (sending !== null || isClosed) return;
    const now = clock();
    const wanted = due.size > 0 ? now + soonMs : earliestEnd + 1;
    const at = Math.max(wanted, sentAt + gapMs());
    if (at >= timerAt || at === Number.POSITIVE_INFINITY) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(run, Math.max(0, at - now));
    if (at - now > turnMs) timer.unref();
  }

  function run(): void {
    timerAt = Number.POSITIVE_INFINITY;
    if (sending !== null || isClosed) return;
    const now = clock();
    collectEnded(now);
    if (due.size === 0) {
      // Those that calls wait for have been dropped meanwhile.
      upcoming?.resolve();
      upcoming = null;
      schedule();
      return;
    }
    const books = takeDue();
    const sent = send(books, false).then(() => {
      sending = null;
      schedule();
    });
    const answered = within(patienceMs, sent);
    sending = { for: new Set(books), answered };
    answered.then(upcoming?.resolve);
    upcoming = null;
  }

  function collectEnded(now: number): void {
    if (now < earliestEnd) return;
    earliestEnd = Number.POSITIVE_INFINITY;
    for (const book of allBooks()) {
      if (endIfOver(book, now)) enqueue(book);
      else if (book.mode === 'leased') earliestEnd = Math.min(earliestEnd, Math.max(book.until, book.nextUntil));
    }
  }

  function enqueue(book: Book): void {
    queue(book);
    due.add(book);
  }

  /** Those first that have waited longest. */
  function takeDue(): Book[] {
    const books: Book[] = [];
    for (const book of due) {
      if (books.length === mostAtOnce) break;
      books.push(book);
      due.delete(book);
    }
    return books;
  }

  /** Never rejects. */
  async function send(books: readonly Book[], isLast: boolean): Promise<void> {
    sentAt = clock();
    const asked = books.map((book) => ({ book, epoch: book.epoch, lease: wantedOf(book, sentAt, isLast) }));
    try {
      const { leases } = await ask({ verifier, leases: asked.map(({ lease }) => lease) });
      const now = clock();
      for (const [at, { book, epoch: before, lease }] of asked.entries()) {
        const answer = leases[at];
        // What was only given back is over.
        if (answer !== undefined && lease.wanted > 0) take(book, answer, before, sentAt, now);
        if (book.mode === 'leased') earliestEnd = Math.min(earliestEnd, Math.max(book.until, book.nextUntil));
      }
    } catch (error) {
      const now = clock();
      for (const { book } of asked) mayAskInstead(error) ? askInstead(book, now) : fail(book, now);
    }
  }

  function restartBook(book: Book): void {
    epoch += 1;
    restart(book);
    if (book.unspent > 0) enqueue(book);
  }

  return {
    get epoch() {
      return epoch;
    },
    bookOf(organization, plan = own) {
      const books = plan === own ? shelf : shelfOf(plan);
      const known = books?.get(organization);
      if (known !== undefined) return known;
      const book = newBook(organization, plan === own ? undefined : plan);
      if (books === undefined) queue(book);
      else books.set(organization, book);
      return book;
    },
    spend(book, cost, now) {
      const spent = spend(book, cost, now);
      if (!book.isUsed) book.isUsed = true;
      if (isDue(book, now)) {
        enqueue(book);
        schedule();
      }
      return spent;
    },
    coming(book) {
      if (isClosed || book.mode === 'ask') return undefined;
      if (sending !== null) return sending.for.has(book) ? sending.answered : undefined;
      if (!due.has(book) || timerAt - clock() > turnMs) return undefined;
      upcoming ??= Promise.withResolvers();
      return upcoming.promise;
    },
    noteRefusal(book, limit, cost, now, asked) {
      if (asked === epoch) noteRefusal(book, limit, cost, now);
    },
    noteFailure(book, error) {
      if (error instanceof KeywardError && error.code === 'unavailable') fail(book, clock());
    },
    restart(organization) {
      for (const books of shelves.values()) {
        const book = books.get(organization);
        if (book !== undefined) restartBook(book);
      }
      schedule();
    },
    restartPlan(plan) {
      for (const book of allBooks()) if (book.plan === null || book.plan === plan) restartBook(book);
      schedule();
    },
    restartAll() {
      for (const book of allBooks()) restartBook(book);
      schedule();
    },
    mayHave(organization, plan) {
      const known = shelf.get(organization)?.plan ?? null;
      return known === null || known === plan;
    },
    leased(now) {
      let sum = 0;
      for (const book of allBooks()) sum += leasedIn(book, now);
      return sum;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      upcoming?.resolve();
      await sending?.answered;
      const now = clock();
      for (const book of allBooks()) if (leasedIn(book, now) + book.unspent > 0) enqueue(book);
      for (let books = takeDue(); books.length > 0; books = takeDue()) await send(books, true);
    },
  };
}

async function within(ms: number, what: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([what, over]);
  clearTimeout(timer);
}

/** True if Keyward does answer, only not this. */
function mayAskInstead(error: unknown): boolean {
  return error instanceof KeywardError && error.code !== 'unavailable';
}
