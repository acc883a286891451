import { asBridgeError, BridgeError, type ErrorCode } from '../contract/errors.ts';
import type { SignInState } from '../contract/sign-in.ts';
import { codeOfTrouble, OAuthTrouble, type OAuthTroubleKind } from '../oauth/trouble.ts';

type Failed = Extract<SignInState, { step: 'failed' }>;

/** Longest text for people. */
const MESSAGE_CHARACTERS = 300;

/** A sign-in came to an end that somebody foresaw. */
export class SignInFailed extends Error {
  readonly state: Failed;

  constructor(code: ErrorCode, message: string, next: string) {
    super(message.slice(0, MESSAGE_CHARACTERS).toWellFormed());
    this.name = 'SignInFailed';
    this.state = { step: 'failed', code, message: this.message, next };
  }
}

const nexts: Readonly<Record<OAuthTroubleKind, string>> = {
  unsafe:
    'Check the address of the account. If it is right, tell the provider of the workspace what is wrong.',
  'grant-lost': 'Start again.',
  'client-lost': 'Start again; Gangway registers anew.',
  configuration: 'Tell the provider of the workspace what is wrong.',
  denied: 'Start again and allow access, or add the account with a client id of your own.',
  suspicious: 'Try again later, or from another network.',
  transient: 'Try again in a moment.',
  ambiguous: 'Start again.',
};

/** Any failure as the last state of a sign-in: what happened, and the one thing to do. */
export function failureOf(error: unknown): Failed {
  if (error instanceof SignInFailed) return error.state;
  if (error instanceof OAuthTrouble) {
    const { kind, message } = error;
    return { step: 'failed', code: codeOfTrouble[kind], message, next: nexts[kind] };
  }
  const { code, message } = asBridgeError(error);
  const next = error instanceof BridgeError ? 'Then start again.' : 'Start again.';
  return { step: 'failed', code, message, next };
}
