import { Progress } from '@base-ui/react/progress';
import type { UpdateState } from '#contract/desktop.ts';
import { useAction } from '../../action.ts';
import { Health, type Tone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Loading, Section } from '../../components/page.tsx';
import type { DesktopClient } from '../../connection.ts';
import { useDesktopState } from '../../desktop-state.ts';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { Setting, SettingList } from './setting.tsx';

const words = texts.settings;

/** How far the next version is, and the one thing to do about it. */
export function Updates({ desktop }: { desktop: DesktopClient }) {
  const state = useDesktopState();
  const { version } = useSnapshot().status;
  const check = useAction(() => desktop.checkForUpdates());
  const restart = useAction(() => desktop.restartToUpdate());
  if (!state) return <Loading lines={2} label={texts.shell.connecting} />;
  const { update } = state;
  const isBusy = update.state === 'checking' || update.state === 'downloading';
  return (
    <div className="settings">
      <Section title={words.update} lead={words.updateVersion(version)}>
        <SettingList>
          <Setting>
            <div className="setting-actions">
              <div className="stack-tight grow" role="status">
                <Health tone={tones[update.state]}>
                  {update.text === '' ? sentence(update) : update.text}
                </Health>
                {update.state === 'downloading' && <Download percent={update.percent} />}
              </div>
              {update.state === 'ready' && (
                <Button kind="primary" busy={restart.isRunning} onClick={() => void restart.run()}>
                  {words.restart}
                </Button>
              )}
              {update.state !== 'ready' && update.state !== 'off' && (
                <Button busy={check.isRunning} disabled={isBusy} onClick={() => void check.run()}>
                  {words.check}
                </Button>
              )}
            </div>
          </Setting>
        </SettingList>
      </Section>
    </div>
  );
}

const tones: Readonly<Record<UpdateState['state'], Tone>> = {
  off: 'plain',
  idle: 'good',
  checking: 'info',
  downloading: 'info',
  ready: 'info',
  failed: 'warn',
};

function sentence({ state, version, percent }: UpdateState): string {
  switch (state) {
    case 'off':
      return words.updateOff;
    case 'idle':
      return words.upToDate;
    case 'checking':
      return words.checking;
    case 'downloading':
      return words.downloading(version, percent);
    case 'ready':
      return words.ready(version);
    case 'failed':
      return words.failed;
    default:
      return state satisfies never;
  }
}

function Download({ percent }: { percent: number | null }) {
  return (
    <Progress.Root value={percent} aria-label={words.progress} className="progress">
      <Progress.Track className="progress-track">
        <Progress.Indicator className="progress-indicator" />
      </Progress.Track>
    </Progress.Root>
  );
}
