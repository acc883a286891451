import { effectiveUser } from '#contract/account.ts';
import type { AccountView, Snapshot, ToolView } from '#contract/control.ts';
import { texts } from '../../texts/texts.ts';
import type { AppSessions } from '../apps/groups.ts';

const words = texts.rules;

/** What would become of a call. */
export interface Verdict {
  readonly kind: 'goes' | 'elsewhere' | 'refused' | 'fails';
  readonly text: string;
}

/** A call that nobody makes. */
export interface ImaginedCall {
  /** Absent: any app that reaches the account. */
  readonly app: AppSessions | undefined;
  readonly account: AccountView;
  readonly tool: ToolView;
}

/** In the order in which the bridge decides: where it leads, whether the rules allow it, whether the account works. */
export function verdictOf(
  { app, account, tool }: ImaginedCall,
  { accounts, status, settings }: Pick<Snapshot, 'accounts' | 'status' | 'settings'>,
): Verdict {
  if (app && !app.sessions.some((session) => session.account === account.id)) {
    const reached = accounts.find(({ id }) => app.sessions.some((session) => session.account === id));
    return { kind: 'elsewhere', text: words.elsewhere(app.name, reached?.label, account.label) };
  }
  if (status.paused) return refused('paused');
  if (!tool.allowed) {
    return refused(reasonOf(tool, account, settings.readOnly), words.hidden);
  }
  const { state, text } = account.condition;
  if (state !== 'ready') return { kind: 'fails', text: words.fails(text || words.failsReason) };
  const user = effectiveUser(account)?.value;
  return { kind: 'goes', text: `${words.goes(account.label, user)} ${words.goesEffect[tool.effect]}` };
}

type Reason = keyof typeof words.because;

/** The bridge says that it is not allowed; the account's own rules say why. */
function reasonOf({ name, effect }: ToolView, { rules }: AccountView, isAllReadOnly: boolean): Reason {
  if (rules.deny.includes(name)) return 'off';
  if (rules.allow && !rules.allow.includes(name)) return 'not-listed';
  if (effect === 'reads') return 'rules';
  return rules.readOnly ? 'read-only' : isAllReadOnly ? 'all-read-only' : 'rules';
}

function refused(reason: Reason, more = ''): Verdict {
  return { kind: 'refused', text: `${words.refused}: ${words.because[reason]} ${more}`.trim() };
}
