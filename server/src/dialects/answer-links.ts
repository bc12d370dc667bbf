// What an answer may point to: addresses of this server, and of the resource that was called.

export interface AnswerLinks {
  /** Where the metadata of the called API is (RFC 9728); undefined where OAuth is off. */
  resourceMetadata: string | undefined;
  /** What calls of a guarded route need, for whoever has no token yet; undefined elsewhere, and where OAuth is off. */
  scope?: readonly string[] | undefined;
  /** What stands before the code of a problem in the address of its page. */
  problems: string;
}

/** Of an answer that knows of no address. */
export const noLinks: AnswerLinks = Object.freeze({ resourceMetadata: undefined, problems: '/problems/' });
