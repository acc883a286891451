import { useQuery } from '@tanstack/react-query';
import { hostOf } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import type { DesktopState } from '#contract/desktop.ts';
import { broadScopes } from '../../accounts/scopes.ts';
import { SwitchField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Facts } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import type { DesktopClient } from '../../connection.ts';
import { useDesktopState } from '../../desktop-state.ts';
import { useControl, useDesktop } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useGrowth } from '../activity/growth.ts';
import { useSaving } from '../settings/saving.ts';
import { scopesText } from './scopes-text.ts';

/** Who the account is and what it may do. */
export function Overview({ account }: { account: AccountView }) {
  const words = texts.account;
  const { identity, grant } = account;
  const desktop = useDesktop();
  const desktopState = useDesktopState();
  const { usage, isLost } = useUsage(account.id);
  const unknown = isLost ? words.unknown : '…';
  const broad = broadScopes(grant?.scope);
  return (
    <div className="stack">
      <Card>
        <Facts
          items={[
            [words.who, identity?.summary ?? words.notYet],
            [words.workspace, `${texts.words.connector[account.connector]}, ${hostOf(account)}`],
            [words.environment, texts.words.environment[account.environment]],
            identity ? [words.server, identity.server] : null,
            identity ? [words.toolCount, identity.tools.toLocaleString('en')] : null,
            identity ? [words.protocol, identity.protocolVersion] : null,
            identity ? [words.checked, <Ago key="checked" at={identity.checkedAt} />] : null,
            grant ? [words.signedIn, <Ago key="signed-in" at={grant.signedInAt} />] : null,
            grant ? [words.renews, grant.renewable ? words.renewsItself : words.renewsNever] : null,
            grant?.scope ? [words.scopes, scopesText(grant.scope)] : null,
            [words.lastUsed, usage ? <LastUsed usage={usage} key="last" /> : unknown],
            [words.today, usage ? words.todayText(usage.calls, usage.failed) : unknown],
          ]}
        />
      </Card>
      {broad.length > 0 && <Notice tone="warn">{words.broad(broad)}</Notice>}
      <Card className="stack">
        <ReadOnly account={account} />
        {desktop && desktopState && (
          <Notifications account={account} desktop={desktop} choices={desktopState.choices} />
        )}
      </Card>
    </div>
  );
}

function LastUsed({ usage: { lastAt } }: { usage: Usage }) {
  return lastAt === undefined ? texts.account.never : <Ago at={lastAt} />;
}

function ReadOnly({ account }: { account: AccountView }) {
  const control = useControl();
  const saving = useSaving(account.rules.readOnly, (on: boolean) =>
    control.accounts.update({ account: account.id, rules: { readOnly: on } }),
  );
  return (
    <>
      <SwitchField
        label={texts.account.readOnly}
        help={texts.account.readOnlyHelp}
        checked={saving.shown}
        onChange={(on) => void saving.save(on)}
      />
      {saving.failure && <Notice tone="bad">{saving.failure}</Notice>}
    </>
  );
}

/** Whether the desktop app may speak up about this account. */
function Notifications({
  account: { id },
  desktop,
  choices: { muted, notifications },
}: {
  account: AccountView;
  desktop: DesktopClient;
  choices: DesktopState['choices'];
}) {
  const words = texts.account;
  const saving = useSaving(!muted.includes(id), (on: boolean) =>
    desktop.choose({ muted: [...muted.filter((other) => other !== id), ...(on ? [] : [id])] }),
  );
  return (
    <>
      <SwitchField
        label={words.notify}
        help={notifications ? words.notifyHelp : words.notifyNone}
        checked={saving.shown}
        onChange={(on) => void saving.save(on)}
      />
      {saving.failure && <Notice tone="bad">{saving.failure}</Notice>}
    </>
  );
}

interface Usage {
  readonly lastAt: string | undefined;
  /** Since midnight. */
  readonly calls: number;
  readonly failed: number;
}

/** How much the account was used, kept current. */
function useUsage(account: string): { usage: Usage | undefined; isLost: boolean } {
  const control = useControl();
  const { data, isFetching, isError, refetch } = useQuery({
    queryKey: ['usage', account],
    queryFn: async ({ signal }): Promise<Usage> => {
      const midnight = new Date();
      midnight.setHours(0, 0, 0, 0);
      const since = midnight.toISOString();
      const [[last], hours] = await Promise.all([
        control.activity.list({ account, limit: 1 }, { signal }),
        control.activity.hours({ account, since }, { signal }),
      ]);
      return {
        lastAt: last?.at,
        calls: hours.reduce((sum, hour) => sum + hour.calls, 0),
        failed: hours.reduce((sum, hour) => sum + hour.failed, 0),
      };
    },
  });
  useGrowth(isFetching, () => void refetch());
  return { usage: data, isLost: isError };
}
