import { limits } from '../base/limits.ts';
import { isRecord } from '../base/record.ts';
import { type Account, effectiveUser } from '../contract/account.ts';
import type { NewActivity } from '../contract/activity.ts';
import type { Caller } from '../relay/channel.ts';
import type { CallRecord } from '../relay/parts.ts';

/** Twice what is kept, because a secret that is cut through can no longer be recognised and taken out. */
const MOST_BODY = 2 * limits.activityBodyCharacters;
/** Pelcro cuts tool answers at this length and says so in them. */
const PELCRO_CUT_CHARACTERS = 25_000;

/** One finished request as the activity log keeps it; bodies only when the person turned that on. */
export function activityOf(
  call: CallRecord,
  session: { caller: Caller; program: string | null; bodies: boolean },
): NewActivity {
  const { account } = call;
  const user = account && effectiveUser(account);
  const given = call.request.params.arguments;
  return {
    at: call.startedAt.toISOString(),
    client: session.program ?? session.caller.label,
    door: session.caller.door,
    account: account?.id ?? null,
    accountLabel: account?.label ?? null,
    user: user?.value ?? null,
    method: call.method,
    target: call.target,
    outcome: call.outcome,
    code: call.code,
    durationMs: Math.round(call.durationMs * 100) / 100,
    sentBytes: call.sentBytes,
    receivedBytes: call.receivedBytes,
    truncated: isCut(account, call.answer),
    arguments: session.bodies && given !== undefined ? JSON.stringify(given).slice(0, MOST_BODY) : null,
    result: session.bodies ? (call.answer?.slice(0, MOST_BODY) ?? null) : null,
  };
}

function isCut(account: Account | null, answer: string | null): boolean {
  if (account?.connector !== 'pelcro' || answer === null || answer.length < PELCRO_CUT_CHARACTERS)
    return false;
  const parsed: unknown = JSON.parse(answer);
  const result = isRecord(parsed) ? parsed.result : undefined;
  const content = isRecord(result) && Array.isArray(result.content) ? (result.content as unknown[]) : [];
  return content.some(
    (part) => isRecord(part) && typeof part.text === 'string' && /truncated/i.test(part.text.slice(-500)),
  );
}
