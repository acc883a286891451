import { implement } from '@orpc/server';
import { control } from '../contract/control.ts';
import type { HandlerParts } from './handlers.ts';
import { forever } from './signals.ts';

type SignInParts = Pick<HandlerParts, 'signIns' | 'signOut'>;

/** Signing in and out. */
export function signInProcedures({ signIns, signOut }: SignInParts) {
  const os = implement(control.signIn);
  return {
    list: os.list.handler(() => signIns.list()),
    start: os.start.handler(({ input }) => signIns.start(input.account, input.wider)),
    cancel: os.cancel.handler(({ input }) => signIns.cancel(input.id)),
    answer: os.answer.handler(({ input }) => signIns.answer(input.id, input.choice)),
    signOut: os.signOut.handler(({ input, signal }) => signOut(input.account, signal ?? forever())),
  };
}
