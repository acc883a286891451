import { Ellipsis } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { effectiveUser } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import { useHealth } from '../../accounts/health.ts';
import { useSwitch } from '../../accounts/switching.ts';
import { useAction } from '../../action.ts';
import { Badge, ColorDot, Health } from '../../components/badge.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Menu, type MenuLine } from '../../components/menu.tsx';
import { texts } from '../../texts/texts.ts';
import { useFix } from './fix.ts';
import { canSignOut } from './sign-out.ts';
import { useAccountDialogs } from './use-account-dialogs.tsx';

/** One account in the list: who it is, how it is, and the one thing to do. */
export function AccountRow({ account, isOneOfSeveral }: { account: AccountView; isOneOfSeveral: boolean }) {
  const words = texts.accounts;
  const [, go] = useLocation();
  const { show, dialogs } = useAccountDialogs(account);
  const change = useSwitch();
  const use = useAction(() => change(account));
  const fix = useFix(account, () => show('key'));
  const health = useHealth(account);
  const user = effectiveUser(account);
  const lines: MenuLine[] = [
    { key: 'details', label: words.details, onClick: () => go(`/accounts/${account.id}`) },
    { key: 'rename', label: words.rename, onClick: () => show('rename') },
    ...(canSignOut(account)
      ? [{ key: 'sign-out', label: words.signOut, onClick: () => show('sign-out') }]
      : account.signIn.kind === 'key'
        ? [{ key: 'key', label: words.replaceKey, onClick: () => show('key') }]
        : []),
    { key: 'remove', label: words.remove, danger: true, separated: true, onClick: () => show('remove') },
  ];
  return (
    <li className="list-row account-row">
      <ColorDot color={account.color} />
      <div className="grow">
        <div className="row">
          <Link to={`/accounts/${account.id}`} className="account-name">
            {account.label}
          </Link>
          {account.environment !== 'production' && (
            <Badge tone="warn">{texts.words.environment[account.environment]}</Badge>
          )}
          {account.current && <Badge tone="info">{words.current}</Badge>}
          {!account.current && account.active && isOneOfSeveral && (
            <Badge>{words.active(texts.words.connector[account.connector])}</Badge>
          )}
          {account.rules.readOnly && <Badge>{words.readOnly}</Badge>}
        </div>
        <div className="account-who muted small">
          {account.actingAs && user
            ? words.actingAs(user.value)
            : (account.identity?.summary ?? user?.value ?? account.slug)}
        </div>
        <div className="small account-health">
          <Health tone={health.tone}>{health.text}</Health>
        </div>
      </div>
      <div className="account-actions">
        {fix ? (
          <Button
            kind="primary"
            size="small"
            aria-label={words.fixOf(fix.label, account.label)}
            onClick={fix.run}
          >
            {fix.label}
          </Button>
        ) : (
          !account.current &&
          account.condition.state !== 'locked' && (
            <Button
              size="small"
              aria-label={words.switchTo(account.label)}
              busy={use.isRunning}
              onClick={() => void use.run()}
            >
              {words.use}
            </Button>
          )
        )}
        <Menu
          lines={lines}
          trigger={
            <IconButton name={words.moreFor(account.label)}>
              <Ellipsis aria-hidden="true" size={18} />
            </IconButton>
          }
        />
      </div>
      {dialogs}
    </li>
  );
}
