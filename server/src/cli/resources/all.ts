// The table of contents of the command line: every noun, in the order in which help lists them, and what is no noun.

import type { Noun, Verb } from '../grammar/noun.ts';
import { api } from './api.ts';
import { calls } from './calls.ts';
import { explain } from './explain.ts';
import { tokens } from './tokens.ts';
import { webhookDeliveries, webhooks } from './webhooks.ts';

export const nouns: readonly Noun[] = [tokens, webhooks, webhookDeliveries];

export const soleVerbs: readonly Verb[] = [calls, explain, api];
