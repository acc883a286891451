import type { SessionView } from '#contract/session.ts';
import { lineOf, strangers } from '../../clients/standing.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { type CheckLine, Checklist } from '../../components/checklist.tsx';
import { CopyButton } from '../../components/copy-box.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card } from '../../components/page.tsx';
import { useDesktopState } from '../../desktop-state.ts';
import { useDesktop, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

interface Shown {
  /** Only what happened since then counts. */
  readonly since: Date;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** The fourth step: it goes from "waiting" to the first call by itself. */
export function WizardCheck({ since, onBack, onDone }: Shown) {
  const words = texts.setup;
  const { sessions, accounts, recent, knownClients } = useSnapshot();
  const first = recent.find(({ method, at }) => method === 'tools/call' && Date.parse(at) >= since.getTime());
  const known = knownClients.flatMap((client) =>
    client.connections.map((connection) => lineOf(client, connection)),
  );
  const others = strangers(knownClients, sessions).map((session): CheckLine => {
    const account = accounts.find(({ id }) => id === session.account);
    const who = account?.identity?.summary ?? account?.label;
    return {
      key: session.id,
      text: words.sees(nameOf(session), account?.identity?.tools, who),
      state: 'ok',
    };
  });
  const lines = [...known, ...others];
  const isWaiting = !lines.some(({ state }) => state === 'ok');
  if (lines.length === 0) lines.push({ key: 'waiting', text: words.waiting, state: 'running' });
  return (
    <div className="stack">
      <Card className="stack">
        <Checklist
          label={words.titles.check}
          lines={lines}
          said={lines.findLast(({ state }) => state === 'ok')?.text ?? ''}
        />
        {isWaiting && known.length === 0 && <p className="muted small">{words.waitingHelp}</p>}
        {known.some(({ state }) => state === 'failed') && (
          <div className="row">
            <span>{words.someWrong}</span>
            <ButtonLink size="small" to="/apps">
              {words.toApps}
            </ButtonLink>
          </div>
        )}
        {!isWaiting && accounts.length === 0 && <p className="muted small">{words.noAccount}</p>}
        {!isWaiting && accounts.length > 0 && !first && (
          <div className="row">
            <span>{words.tryThis}</span>
            <CopyButton text={words.tryText} />
          </div>
        )}
      </Card>
      {first && (
        <Notice tone="good" title={words.firstCall}>
          {words.firstCallText(first.target ?? first.method, first.accountLabel)}
        </Notice>
      )}
      <NoTray />
      <div className="row add-buttons">
        <Button onClick={onBack}>{texts.words.back}</Button>
        <Button kind="primary" onClick={onDone}>
          {isWaiting ? words.doItLater : texts.words.done}
        </Button>
      </div>
    </div>
  );
}

/** On desktops that show no tray icons, the person learns now where the app is when its window is closed. */
function NoTray() {
  const desktop = useDesktop();
  const state = useDesktopState();
  if (!desktop || state?.tray !== 'missing') return null;
  return (
    <Notice
      tone="info"
      action={
        <Button size="small" onClick={() => void desktop.openPage({ page: 'tray-extension' })}>
          {texts.settings.trayExtension}
        </Button>
      }
    >
      {texts.settings.trayMissing}
    </Notice>
  );
}

function nameOf({ program, client }: SessionView): string {
  return program ?? client;
}
