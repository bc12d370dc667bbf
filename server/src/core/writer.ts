// How changes are made: together in one transaction, or not at all. What can be changed is for each part's ports to say.

/** `Changes`: what a change may touch. */
export interface Writer<Changes> {
  /**
   * Runs `change` in the writer's next transaction and answers after the commit is durable. A throw undoes this
   * change alone. May run `change` again (deadlock on PostgreSQL), so it must have no effect but through `changes`.
   * Rejects with KeywardError `unavailable` when the database cannot commit.
   */
  write<T>(change: (changes: Changes) => Promise<T>): Promise<T>;
}
