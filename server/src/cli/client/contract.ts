// The contract of a client of Keyward's own API, wherever it is answered: by a server over HTTP, or by the database of this machine.

export interface Client {
  /** The server's address or the data folder, for messages. */
  readonly where: string;
  readonly isLocal: boolean;
  /** Whose sign-in it is with, for messages: `the profile "default"`, `KEYWARD_TOKEN`. */
  readonly who: string;
  /** How to get another sign-in, where there is one to get. */
  readonly signIn: string | null;
  /** One request, whatever its status. Throws CommandError in plain words where there is no answer. */
  send(method: string, path: string, options?: SendOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface SendOptions {
  /** Members that are undefined are left out. */
  query?: Query;
  /** JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

export type Query = Readonly<Record<string, string | undefined>>;
