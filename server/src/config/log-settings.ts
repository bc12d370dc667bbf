// The settings of the log: how much of it there is, and what single requests leave in it.

import * as read from './value.ts';

export interface LogConfig {
  readonly logLevel: read.LogLevel;
  /** Leaves a line in the log for each request. */
  readonly requestLog: boolean;
  /** For which share of them, from 0 to 1, and for how many in a second at most. */
  readonly requestLogShare: number;
  readonly requestLogPerSecond: number;
}

export const logSettings = {
  logLevel: {
    env: 'KEYWARD_LOG_LEVEL',
    flag: '--log-level <level>',
    fallback: 'info',
    read: read.logLevel,
    help: 'fatal, error, warn, info, debug, trace or silent',
  },
  requestLog: {
    env: 'KEYWARD_REQUEST_LOG',
    flag: null,
    fallback: false,
    read: read.yesOrNo,
    help: 'whether each request leaves a line in the log, with its route, its status and the address it came from',
  },
  requestLogShare: {
    env: 'KEYWARD_REQUEST_LOG_SHARE',
    flag: null,
    fallback: 1,
    read: read.share,
    help: 'the share of requests that requestLog tells of, from 0 to 1; answers of 500 and above are always told of',
  },
  requestLogPerSecond: {
    env: 'KEYWARD_REQUEST_LOG_PER_SECOND',
    flag: null,
    fallback: 1000,
    read: read.count,
    help: 'how many lines requestLog writes in a second at most; those left out are counted',
  },
};
