import { useState } from 'react';
import type { DoctorCheck } from '#contract/doctor.ts';
import { useAction } from '../../action.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { PassphraseDialog } from '../../shell/passphrase-dialog.tsx';
import { texts } from '../../texts/texts.ts';

const words = texts.doctor;

/** What the window can do about a finding; nothing where only the person can. */
export function FixButton({ check }: { check: DoctorCheck }) {
  const { accounts, knownClients, status } = useSnapshot();
  const { area, id, subject } = check;
  if (check.fix === null) return null;
  if (id === 'paused') return status.paused ? <Resume /> : null;
  const place = places[id];
  if (place) return <Go {...place} />;
  switch (area) {
    case 'accounts': {
      const account = accounts.find((one) => [one.id, one.slug, one.label].some((name) => name === subject));
      if (!account) return <Go to="/accounts" label={texts.shell.accounts} />;
      return <Go to={`/accounts/${account.id}`} label={words.openAccount} subject={account.label} />;
    }
    case 'clients': {
      const client = knownClients.find((one) => one.id === subject || one.name === subject);
      if (!client) return <Go to="/apps" label={texts.shell.apps} />;
      return <Go to={`/apps/${client.id}`} label={words.openApp} subject={client.name} />;
    }
    case 'keychain':
      return status.vault.state === 'ready' ? null : <Unlock />;
    case 'doors':
    case 'network':
    case 'gangway':
    case 'files':
      return null;
    default:
      return area satisfies never;
  }
}

interface Place {
  readonly to: string;
  readonly label: string;
}

const network: Place = { to: '/settings/network', label: words.openNetwork };

/** Where the window can do something about a finding, by its name. */
const places: Readonly<Partial<Record<string, Place>>> = {
  'no-account': { to: '/accounts/add', label: texts.accounts.add },
  'read-only': { to: '/settings/security', label: words.openSecurity },
  'start-not-allowed': { to: '/settings/general', label: words.openGeneral },
  'port-taken': network,
  'http-door-closed': network,
  'proxy-unusable': network,
  'proxy-unreachable': network,
};

function Go({ to, label, subject }: { to: string; label: string; subject?: string | undefined }) {
  return (
    <ButtonLink size="small" to={to} {...(subject && { name: words.of(label, subject) })}>
      {label}
    </ButtonLink>
  );
}

function Resume() {
  const control = useControl();
  const resume = useAction(async () => {
    await control.resume();
    leaveForTitle();
  });
  return (
    <Button size="small" busy={resume.isRunning} onClick={() => void resume.run()}>
      {texts.shell.resume}
    </Button>
  );
}

/** What is put right is no finding any more, and its button goes. */
function leaveForTitle(): void {
  document.querySelector('h1')?.focus();
}

/** A passphrase is asked for here; everything else happens in the system's own windows. */
function Unlock() {
  const control = useControl();
  const { status } = useSnapshot();
  const [isAsking, ask] = useState(false);
  const open = useAction(async () => {
    await control.vault.open();
    leaveForTitle();
  });
  const { kind, state } = status.vault;
  if (kind === 'passphrase' && state === 'locked') {
    return (
      <>
        <Button size="small" aria-haspopup="dialog" onClick={() => ask(true)}>
          {texts.shell.enterPassphrase}
        </Button>
        <PassphraseDialog open={isAsking} onOpenChange={ask} />
      </>
    );
  }
  return (
    <Button size="small" busy={open.isRunning} onClick={() => void open.run()}>
      {state === 'locked' ? texts.shell.unlock : texts.words.retry}
    </Button>
  );
}
