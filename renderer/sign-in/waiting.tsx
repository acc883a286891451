import { ExternalLink } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SignInState } from '#contract/sign-in.ts';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-box.tsx';
import { Notice } from '../components/notice.tsx';
import { useNow } from '../components/time.tsx';
import { useDesktop } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

/** The page to sign in at, for as long as it is waited for. */
export function Waiting({
  id,
  state,
  isJoined,
}: {
  id: string;
  state: Extract<SignInState, { step: 'waiting' }>;
  /** Its page was opened before, if at all. */
  isJoined: boolean;
}) {
  const words = texts.accounts;
  const desktop = useDesktop();
  const now = useNow(1000);
  const [isStuck, setStuck] = useState(false);
  const open = useAction(async () => {
    const { opened = false } = (await desktop?.openSignIn({ id })) ?? {};
    setStuck(!opened);
  });
  const isOpened = useRef(false);
  const { run } = open;
  useEffect(() => {
    // In a browser only a click of the person may open a page, so there it is a link.
    if (!desktop || isJoined || isOpened.current) return;
    isOpened.current = true;
    void run();
  }, [desktop, isJoined, run]);
  const leftSeconds = Math.max(0, Math.round((Date.parse(state.expiresAt) - now.getTime()) / 1000));
  return (
    <>
      <p>{desktop && !isJoined ? words.pageIsOpen(state.host) : words.openPage(state.host)}</p>
      {isStuck && <Notice tone="warn">{words.notOpened}</Notice>}
      <div className="row">
        {desktop ? (
          <Button
            icon={<ExternalLink aria-hidden="true" size={16} />}
            busy={open.isRunning}
            onClick={() => void open.run()}
          >
            {isJoined ? words.openAt(state.host) : words.openAgain}
          </Button>
        ) : (
          <a className="button button-primary" href={state.link} target="_blank" rel="noopener noreferrer">
            <ExternalLink aria-hidden="true" size={16} />
            {words.openAt(state.host)}
          </a>
        )}
        <CopyButton text={state.link} label={words.copyLink} />
        <span className="muted small numbers">{words.timeLeft(leftSeconds)}</span>
      </div>
    </>
  );
}
