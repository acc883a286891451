import { useLocation, useParams } from 'wouter';
import type { AccountView } from '#contract/control.ts';
import { useHealth } from '../../accounts/health.ts';
import { useSwitch } from '../../accounts/switching.ts';
import { useAction } from '../../action.ts';
import { Badge, Health } from '../../components/badge.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Empty, Page } from '../../components/page.tsx';
import { type Tab, Tabs } from '../../components/tabs.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useAccount, useControl } from '../../gangway.tsx';
import { useSignIn } from '../../sign-in/sign-in.tsx';
import { texts } from '../../texts/texts.ts';
import { useFix } from '../accounts/fix.ts';
import { canSignOut } from '../accounts/sign-out.ts';
import { useAccountDialogs } from '../accounts/use-account-dialogs.tsx';
import { AccountApps } from './account-apps.tsx';
import { AccountHistory } from './account-history.tsx';
import { AccountTools } from './account-tools.tsx';
import { Connection } from './connection.tsx';
import { Overview } from './overview.tsx';
import { SelectedUserTab } from './selected-user.tsx';

type TabName = 'overview' | 'user' | 'tools' | 'apps' | 'connection' | 'history';

/** Everything about one account. */
export function AccountPage() {
  const { id = '', tab } = useParams<{ id: string; tab?: string }>();
  const account = useAccount(id);
  if (!account) {
    return (
      <Page title={texts.account.title}>
        <Empty
          title={texts.account.goneTitle}
          text={texts.account.goneText}
          action={<ButtonLink to="/accounts">{texts.account.back}</ButtonLink>}
        />
      </Page>
    );
  }
  // By its id: what was typed for one account must not be sent for another.
  return <Shown key={account.id} account={account} tab={tab} />;
}

function Shown({ account, tab }: { account: AccountView; tab: string | undefined }) {
  const [, go] = useLocation();
  const words = texts.account;
  const tabs: Tab<TabName>[] = [
    { name: 'overview', label: words.overview, content: <Overview account={account} /> },
    ...(takesUser(account)
      ? [{ name: 'user' as const, label: words.user, content: <SelectedUserTab account={account} /> }]
      : []),
    { name: 'tools', label: words.tools, content: <AccountTools account={account} /> },
    { name: 'apps', label: words.apps, content: <AccountApps account={account} /> },
    { name: 'connection', label: words.connection, content: <Connection account={account} /> },
    { name: 'history', label: words.history, content: <AccountHistory account={account} /> },
  ];
  const shown = tabs.find(({ name }) => name === tab)?.name ?? 'overview';
  return (
    <Page
      title={account.label}
      lead={<State account={account} />}
      actions={<Actions account={account} onRemoved={() => go('/accounts')} />}
    >
      <Tabs
        label={words.tabs}
        tabs={tabs}
        value={shown}
        onChange={(name) => go(`/accounts/${account.id}/${name}`, { replace: true })}
      />
    </Page>
  );
}

function State({ account }: { account: AccountView }) {
  const { tone, text } = useHealth(account);
  return (
    <span className="row">
      <Health tone={tone}>{text}</Health>
      {account.current && <Badge tone="info">{texts.accounts.current}</Badge>}
      {account.environment !== 'production' && (
        <Badge tone="warn">{texts.words.environment[account.environment]}</Badge>
      )}
      {account.rules.readOnly && <Badge>{texts.accounts.readOnly}</Badge>}
    </span>
  );
}

function Actions({ account, onRemoved }: { account: AccountView; onRemoved: () => void }) {
  const control = useControl();
  const toasts = useToasts();
  const signIn = useSignIn();
  const change = useSwitch();
  const use = useAction(() => change(account));
  const { show, dialogs } = useAccountDialogs(account, onRemoved);
  const fix = useFix(account, () => show('key'));
  const words = texts.accounts;
  const test = useAction(async () => {
    const { notes } = await control.accounts.check({ account: account.id });
    toasts.said(words.tested(account.label), notes.join(' '));
  });
  const isReady = account.condition.state === 'ready';
  const isOAuth = account.signIn.kind === 'oauth';
  const isNew = account.state === 'sign-in-needed' && isOAuth;
  return (
    <>
      {fix && (
        <Button kind="primary" onClick={fix.run}>
          {fix.label}
        </Button>
      )}
      {!account.current && isReady && (
        <Button kind={fix ? 'plain' : 'primary'} busy={use.isRunning} onClick={() => void use.run()}>
          {words.use}
        </Button>
      )}
      {!isNew && (
        <Button busy={test.isRunning} onClick={() => void test.run()}>
          {words.test}
        </Button>
      )}
      {account.signIn.kind === 'key' && account.condition.action !== 'enter-key' && (
        <Button onClick={() => show('key')}>{words.replaceKey}</Button>
      )}
      {isOAuth && isReady && !fix && <Button onClick={() => signIn({ account })}>{words.signInAgain}</Button>}
      {canSignOut(account) && <Button onClick={() => show('sign-out')}>{words.signOut}</Button>}
      <Button onClick={() => show('rename')}>{words.rename}</Button>
      <Button kind="danger" onClick={() => show('remove')}>
        {words.remove}
      </Button>
      {dialogs}
    </>
  );
}

/** Workspaces that run calls as a member of the person's choice: allv, and Allegro's local command. */
function takesUser({ connector, upstream, user, actingAs }: AccountView): boolean {
  if (connector === 'allegro' && upstream.kind === 'command') return true;
  return connector === 'allv' || user !== undefined || actingAs !== undefined;
}
