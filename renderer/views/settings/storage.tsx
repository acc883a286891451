import { useState } from 'react';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { SelectField, SwitchField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Facts, Section } from '../../components/page.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useSaving } from './saving.ts';
import { Setting, SettingList } from './setting.tsx';

const words = texts.settings;
const dayChoices = [0, 7, 30, 90, 365];

/** What is kept about calls, for how long, and what lies where. */
export function Storage() {
  const { status } = useSnapshot();
  return (
    <div className="settings">
      <Section title={words.log} lead={words.logLead}>
        <SettingList>
          <Days />
          <Bodies />
          <Clear />
        </SettingList>
      </Section>
      <Section title={words.where} lead={words.whereLead}>
        <Card>
          <Facts
            items={[
              [
                words.whereFolder,
                <span key="folder" className="setting-place">
                  <code>{status.home}</code>
                  <span className="help">{words.whereFolderHolds}</span>
                </span>,
              ],
              [words.whereKeys, words.whereKeysHold[status.vault.kind]],
              [words.whereWindow, words.whereWindowHolds],
            ]}
          />
        </Card>
      </Section>
    </div>
  );
}

function Days() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.activityDays, (activityDays) => control.settings.set({ activityDays }));
  const days = [...new Set([...dayChoices, saving.shown])].sort((one, other) => one - other);
  return (
    <Setting saving={saving}>
      <div className="setting-short">
        <SelectField
          label={words.days}
          help={words.daysHelp}
          value={String(saving.shown)}
          onChange={(value) => void saving.save(Number(value))}
          choices={days.map((count) => ({ value: String(count), label: words.daysChoice(count) }))}
        />
      </div>
    </Setting>
  );
}

function Bodies() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.activityBodies, (activityBodies) =>
    control.settings.set({ activityBodies }),
  );
  return (
    <Setting saving={saving} line>
      <SwitchField
        label={words.bodies}
        help={words.bodiesHelp}
        checked={saving.shown}
        onChange={(checked) => void saving.save(checked)}
      />
      {saving.shown && <Notice tone="warn">{words.bodiesWarning}</Notice>}
    </Setting>
  );
}

function Clear() {
  const control = useControl();
  const toasts = useToasts();
  const [isAsking, ask] = useState(false);
  const clear = useAction(async () => {
    const { removed } = await control.activity.clear();
    ask(false);
    toasts.said(words.cleared(removed));
  }, 'inline');
  return (
    <Setting>
      <div className="setting-actions">
        <div className="field-line-text">
          <h3 className="label">{words.clearLabel}</h3>
          <p className="help">{words.clearHelp}</p>
        </div>
        <Button kind="danger" aria-haspopup="dialog" onClick={() => ask(true)}>
          {words.clear}
        </Button>
      </div>
      <Confirm
        open={isAsking}
        onOpenChange={ask}
        title={words.clearTitle}
        text={words.clearText}
        confirm={words.clearConfirm}
        busy={clear.isRunning}
        danger
        onConfirm={() => void clear.run()}
      >
        {clear.failure && <Notice tone="bad">{clear.failure.message}</Notice>}
      </Confirm>
    </Setting>
  );
}
