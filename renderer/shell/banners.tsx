import { useState } from 'react';
import type { BridgeStatus } from '#contract/control.ts';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { clockText } from '../components/time.tsx';
import { useControl, useLink, useMaybeSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';

const SEEN = 'gangway.memory-hint';

/** What is true for everything right now, each with the one thing to do about it. */
export function Banners() {
  const link = useLink();
  const snapshot = useMaybeSnapshot();
  return (
    <div className="banners">
      <LinkBanner />
      {snapshot && link !== 'lost' && link !== 'locked' && (
        <>
          <VaultBanner vault={snapshot.status.vault} />
          <PauseBanner status={snapshot.status} />
          <ReadOnlyBanner readOnly={snapshot.settings.readOnly} />
          <MemoryBanner vault={snapshot.status.vault} />
        </>
      )}
    </div>
  );
}

function LinkBanner() {
  const link = useLink();
  if (link === 'lost') {
    return (
      <Notice tone="bad" title={texts.shell.lostTitle}>
        {texts.shell.lostText}
      </Notice>
    );
  }
  if (link !== 'locked') return null;
  return (
    <Notice tone="bad" title={texts.shell.lockedTitle}>
      {texts.shell.lockedText}
    </Notice>
  );
}

/** Saved keys cannot be read. A passphrase is asked for here; everything else happens in the system's own windows. */
export function VaultBanner({ vault }: { vault: BridgeStatus['vault'] }) {
  const control = useControl();
  const open = useAction(() => control.vault.open());
  const [isAsking, ask] = useState(false);
  const { kind, state } = vault;
  const wantsPassphrase = kind === 'passphrase' && state === 'locked';
  const action = wantsPassphrase ? (
    <Button size="small" aria-haspopup="dialog" onClick={() => ask(true)}>
      {texts.shell.enterPassphrase}
    </Button>
  ) : (
    <Button size="small" busy={open.isRunning} onClick={() => void open.run()}>
      {state === 'locked' ? texts.shell.unlock : texts.words.retry}
    </Button>
  );
  return (
    <>
      {state !== 'ready' && (
        <Notice tone="warn" action={action}>
          {texts.shell.vault[wantsPassphrase ? 'lockedPassphrase' : state]}
        </Notice>
      )}
      {kind === 'passphrase' && <PassphraseDialog open={isAsking} onOpenChange={ask} />}
    </>
  );
}

function PauseBanner({ status: { paused, pausedUntil } }: { status: BridgeStatus }) {
  const control = useControl();
  const resume = useAction(() => control.resume());
  if (!paused) return null;
  return (
    <Notice
      tone="warn"
      action={
        <Button size="small" busy={resume.isRunning} onClick={() => void resume.run()}>
          {texts.shell.resume}
        </Button>
      }
    >
      {pausedUntil === null ? texts.shell.pausedForever : texts.shell.pausedUntil(clockText(pausedUntil))}
    </Notice>
  );
}

function ReadOnlyBanner({ readOnly }: { readOnly: boolean }) {
  const control = useControl();
  const allow = useAction(() => control.settings.set({ readOnly: false }));
  if (!readOnly) return null;
  return (
    <Notice
      tone="info"
      action={
        <Button size="small" busy={allow.isRunning} onClick={() => void allow.run()}>
          {texts.shell.readOnlyOff}
        </Button>
      }
    >
      {texts.shell.readOnly}
    </Notice>
  );
}

/** Said until the person has read it once. */
function MemoryBanner({ vault }: { vault: BridgeStatus['vault'] }) {
  const [isSeen, setSeen] = useState(() => localStorage.getItem(SEEN) !== null);
  if (vault.kind !== 'memory' || isSeen) return null;
  const dismiss = (): void => {
    localStorage.setItem(SEEN, 'seen');
    setSeen(true);
  };
  return (
    <Notice
      tone="info"
      action={
        <Button size="small" onClick={dismiss}>
          {texts.shell.memorySeen}
        </Button>
      }
    >
      {texts.shell.memory}
    </Notice>
  );
}
