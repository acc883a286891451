import * as z from 'zod';
import { ConnectorId } from './connector.ts';

/** What a link, an invitation or a pasted text may put into the form for a new account. No secret fits in it. */
export const AddForm = z.strictObject({
  connector: ConnectorId.optional(),
  url: z.string().max(2000).optional(),
  label: z.string().max(80).optional(),
  workspace: z.string().max(200).optional(),
  environment: z.enum(['production', 'staging', 'development']).optional(),
  /** Selected user as typed: e-mail or id. */
  user: z.string().max(255).optional(),
  signIn: z.enum(['none', 'key', 'oauth']).optional(),
  /** What the link said besides and what was not taken from it, in words. */
  notes: z.array(z.string()),
});
export type AddForm = z.infer<typeof AddForm>;

/** A link as it was understood: it fills a form, or it is refused with one sentence. */
export type ReadLink =
  | { readonly kind: 'add'; readonly form: AddForm }
  | { readonly kind: 'refused'; readonly because: string };
