import type { DesktopState } from '#contract/desktop.ts';
import { Button } from '../../components/button.tsx';
import { RadioField, SwitchField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/page.tsx';
import type { DesktopClient } from '../../connection.ts';
import { useDesktopState } from '../../desktop-state.ts';
import { useControl, useDesktop, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { chooseTheme, themes, useTheme } from '../../theme.ts';
import { useSaving } from './saving.ts';
import { Setting, SettingList } from './setting.tsx';

const words = texts.settings;

/** How it looks, how it starts and ends, and what it says by itself. */
export function General() {
  const theme = useTheme();
  const desktop = useDesktop();
  const state = useDesktopState();
  return (
    <div className="settings">
      <Section title={words.appearance}>
        <SettingList>
          <Setting>
            <RadioField
              label={words.theme}
              value={theme}
              onChange={chooseTheme}
              choices={themes.map((value) => ({ value, label: words.themes[value] }))}
            />
          </Setting>
        </SettingList>
      </Section>
      <Section title={words.start}>
        <SettingList>
          {desktop && state && <StartAndQuit desktop={desktop} state={state} />}
          <StartOwner />
        </SettingList>
        {!desktop && <p className="muted small">{words.panelOnly}</p>}
      </Section>
      {desktop && state && <Notifications desktop={desktop} state={state} />}
    </div>
  );
}

function StartOwner() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.startOwner, (startOwner) => control.settings.set({ startOwner }));
  return (
    <Setting saving={saving} line>
      <SwitchField
        label={words.startOwner}
        help={words.startOwnerHelp}
        checked={saving.shown}
        onChange={(checked) => void saving.save(checked)}
      />
    </Setting>
  );
}

interface DesktopParts {
  readonly desktop: DesktopClient;
  readonly state: DesktopState;
}

function StartAndQuit({ desktop, state: { openAtLogin, choices, tray } }: DesktopParts) {
  const atLogin = useSaving(openAtLogin ?? false, (chosen) => desktop.choose({ openAtLogin: chosen }));
  const ask = useSaving(choices.askBeforeQuit, (askBeforeQuit) => desktop.choose({ askBeforeQuit }));
  return (
    <>
      {tray === 'missing' && (
        <Setting>
          <Notice
            tone="info"
            action={
              <Button size="small" onClick={() => void desktop.openPage({ page: 'tray-extension' })}>
                {words.trayExtension}
              </Button>
            }
          >
            {words.trayMissing}
          </Notice>
        </Setting>
      )}
      <Setting saving={atLogin} line>
        <SwitchField
          label={words.openAtLogin}
          help={openAtLogin === null ? words.openAtLoginUnknown : words.openAtLoginHelp}
          checked={atLogin.shown}
          disabled={openAtLogin === null}
          onChange={(checked) => void atLogin.save(checked)}
        />
      </Setting>
      <Setting saving={ask} line>
        <SwitchField
          label={words.askBeforeQuit}
          help={words.askBeforeQuitHelp}
          checked={ask.shown}
          onChange={(checked) => void ask.save(checked)}
        />
      </Setting>
    </>
  );
}

function Notifications({ desktop, state: { choices } }: DesktopParts) {
  const saving = useSaving(choices.notifications, (notifications) => desktop.choose({ notifications }));
  return (
    <Section title={words.notifications}>
      <SettingList>
        <Setting saving={saving} line>
          <SwitchField
            label={words.notify}
            help={words.notifyHelp}
            checked={saving.shown}
            onChange={(checked) => void saving.save(checked)}
          />
        </Setting>
        {choices.muted.length > 0 && (
          <Setting>
            <p className="help">{words.muted(choices.muted.length)}</p>
          </Setting>
        )}
      </SettingList>
    </Section>
  );
}
