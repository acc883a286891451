import type { AccountView } from '#contract/control.ts';
import { texts } from '../../texts/texts.ts';

const MOST = 80;

/** A name that says whose account it is, where the workspace told: "Pelcro · Acme". */
export function nameFor({
  connector,
  environment,
  identity,
}: Pick<AccountView, 'connector' | 'environment' | 'identity'>): string | undefined {
  if (identity?.subject === undefined) return undefined;
  const who = identity.summary.replace(/ \((production|staging|development)\)$/, '').trim();
  if (who === '') return undefined;
  const kind = connector === 'custom' ? identity.server : texts.words.connector[connector];
  const where = environment === 'production' ? '' : ` (${environment})`;
  return `${kind} · ${who}`.slice(0, MOST - where.length).toWellFormed() + where;
}
