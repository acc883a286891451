import { ChevronDown } from 'lucide-react';
import { useRef } from 'react';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { SwitchField } from '../../components/field.tsx';
import { Menu } from '../../components/menu.tsx';
import { Card, Section } from '../../components/page.tsx';
import { clockText } from '../../components/time.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useSaving } from '../settings/saving.ts';

const words = texts.rules;

/** What holds for every account, whatever its own rules say. */
export function EverythingRules() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.readOnly, (readOnly) => control.settings.set({ readOnly }));
  return (
    <Section title={words.everything}>
      <Card className="rules-card">
        <div>
          <SwitchField
            label={words.readOnly}
            help={words.readOnlyHelp}
            checked={saving.shown}
            onChange={(checked) => void saving.save(checked)}
          />
          {saving.failure && (
            <p className="field-error" role="alert">
              {saving.failure}
            </p>
          )}
        </div>
        <Pause />
      </Card>
    </Section>
  );
}

function Pause() {
  const control = useControl();
  const { status } = useSnapshot();
  const pause = useAction((minutes?: 15 | 60) => control.pause(minutes === undefined ? {} : { minutes }));
  const buttons = useRef<HTMLDivElement>(null);
  const resume = useAction(async () => {
    await control.resume();
    // The button is gone then.
    buttons.current?.querySelector<HTMLElement>('button:last-child')?.focus();
  });
  const { paused, pausedUntil } = status;
  const state = !paused
    ? words.running
    : pausedUntil === null
      ? words.paused
      : words.pausedUntil(clockText(pausedUntil));
  return (
    <div className="field-line">
      <div className="field-line-text">
        <p className="label">{state}</p>
        <p className="help">{paused ? words.pausedHelp : words.runningHelp}</p>
      </div>
      <div ref={buttons} className="row">
        {paused && (
          <Button kind="primary" busy={resume.isRunning} onClick={() => void resume.run()}>
            {words.resume}
          </Button>
        )}
        <Menu
          trigger={
            <Button busy={pause.isRunning}>
              {paused ? words.pauseOther : words.pause}
              <ChevronDown aria-hidden="true" size={16} />
            </Button>
          }
          lines={[
            { key: '15', label: words.pauseFor[15], onClick: () => void pause.run(15) },
            { key: '60', label: words.pauseFor[60], onClick: () => void pause.run(60) },
            { key: 'forever', label: words.pauseFor.forever, onClick: () => void pause.run() },
          ]}
        />
      </div>
    </div>
  );
}
