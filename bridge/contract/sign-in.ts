import * as z from 'zod';
import { AccountId } from './account.ts';

export const SignInId = z.string().regex(/^sgn_[A-Za-z0-9]{8,32}$/);

/** What a person may answer when a sign-in asks. */
export const SignInChoice = z.enum(['continue', 'update', 'keep-both', 'again', 'cancel']);
export type SignInChoice = z.infer<typeof SignInChoice>;

/**
 * Something only the person can decide.
 *
 * - `legacy`: the server offers only the sign-in of MCP 2025-03-26.
 * - `moved`: the server now names another authorization server than the account's sign-in came from.
 * - `unusual-host`: the page to sign in at has an IP address or a punycode name.
 * - `no-scope`: the server refused the scope; it may work without one.
 * - `same-identity`: another account here has this identity already.
 */
export const SignInQuestion = z.strictObject({
  kind: z.enum(['legacy', 'moved', 'unusual-host', 'no-scope', 'same-identity']),
  text: z.string(),
  choices: z.array(z.strictObject({ choice: SignInChoice, label: z.string() })),
  /** With `same-identity`: that account. */
  other: AccountId.optional(),
});
export type SignInQuestion = z.infer<typeof SignInQuestion>;

/** How far a sign-in is. Nothing but `waiting` needs a browser, and only a person opens one. */
export const SignInState = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('discovering') }),
  z.strictObject({ step: z.literal('registering'), host: z.string() }),
  z.strictObject({
    step: z.literal('waiting'),
    /** Host of the page to sign in at. */
    host: z.string(),
    /** The page; opened by whoever shows this state, on a click, as often as the person likes. */
    link: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  z.strictObject({ step: z.literal('exchanging'), host: z.string() }),
  z.strictObject({ step: z.literal('identity'), host: z.string() }),
  z.strictObject({ step: z.literal('asking'), question: SignInQuestion }),
  z.strictObject({
    step: z.literal('done'),
    /** The account that holds the sign-in now; another one than it began with after the choice `update`. */
    account: AccountId,
    who: z.string(),
    notes: z.array(z.string()),
  }),
  z.strictObject({
    step: z.literal('failed'),
    code: z.string(),
    /** What happened and what it means. */
    message: z.string(),
    /** The one thing to do. */
    next: z.string(),
  }),
  z.strictObject({ step: z.literal('cancelled') }),
]);
export type SignInState = z.infer<typeof SignInState>;

/** One attempt to sign in. It ends as `done`, `failed` or `cancelled`. */
export const SignInView = z.strictObject({
  id: SignInId,
  account: AccountId,
  label: z.string(),
  startedAt: z.iso.datetime(),
  state: SignInState,
});
export type SignInView = z.infer<typeof SignInView>;

/** How a sign-in came to its end. */
export type SignInEnd = Extract<SignInState, { step: 'done' | 'failed' | 'cancelled' }>;

/** True when nothing more happens. */
export function hasEnded(state: SignInState): state is SignInEnd {
  const { step } = state;
  return step === 'done' || step === 'failed' || step === 'cancelled';
}

/** What became of the tokens at the authorization server when an account was signed out or removed. */
export const SignedOut = z.strictObject({
  /**
   * `queued`: the server could not be told yet and is told later. `impossible`: it has no place to be told or will not
   * hear it, or the saved tokens could not be read.
   */
  revocation: z.enum(['done', 'queued', 'impossible', 'nothing-to-revoke']),
  /** For people, when they may want to do something. */
  note: z.string().optional(),
});
export type SignedOut = z.infer<typeof SignedOut>;
