import { useAction } from '../../action.ts';
import { Health } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { SwitchField } from '../../components/field.tsx';
import { Card, Facts, Section } from '../../components/page.tsx';
import { clockText } from '../../components/time.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useSaving } from './saving.ts';
import { Setting, SettingList } from './setting.tsx';

const words = texts.settings;

/** Where keys are, and how to stop everything. What is to be done about a closed vault stands above every screen. */
export function Security() {
  const { vault } = useSnapshot().status;
  return (
    <div className="settings">
      <Section title={words.vault}>
        <Card>
          <Facts
            items={[
              [words.vaultKind, words.kinds[vault.kind]],
              [
                words.vaultState,
                <Health key="state" tone={vault.state === 'ready' ? 'good' : 'warn'}>
                  {words.states[vault.state]}
                </Health>,
              ],
            ]}
          />
        </Card>
      </Section>
      <Section title={words.access}>
        <SettingList>
          <ReadOnly />
          <Pause />
        </SettingList>
      </Section>
    </div>
  );
}

function ReadOnly() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.readOnly, (readOnly) => control.settings.set({ readOnly }));
  return (
    <Setting saving={saving} line>
      <SwitchField
        label={words.readOnly}
        help={words.readOnlyHelp}
        checked={saving.shown}
        onChange={(checked) => void saving.save(checked)}
      />
    </Setting>
  );
}

const pauses = [
  { key: 15, minutes: 15 },
  { key: 60, minutes: 60 },
  { key: 'forever', minutes: undefined },
] as const;

function Pause() {
  const control = useControl();
  const { paused, pausedUntil } = useSnapshot().status;
  const pause = useAction((minutes: number | undefined) =>
    control.pause(minutes === undefined ? {} : { minutes }),
  );
  const resume = useAction(() => control.resume());
  return (
    <Setting>
      <div className="setting-actions">
        <div className="field-line-text">
          <h3 className="label">{words.pause}</h3>
          <p className="help">{words.pauseHelp}</p>
        </div>
        <div className="row">
          {paused ? (
            <>
              <span>
                {pausedUntil === null ? words.pausedForever : words.pausedUntil(clockText(pausedUntil))}
              </span>
              <Button busy={resume.isRunning} onClick={() => void resume.run()}>
                {words.resume}
              </Button>
            </>
          ) : (
            pauses.map(({ key, minutes }) => (
              <Button key={key} aria-label={words.pauseForLong[key]} onClick={() => void pause.run(minutes)}>
                {words.pauseFor[key]}
              </Button>
            ))
          )}
        </div>
      </div>
    </Setting>
  );
}
