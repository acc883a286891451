import { type FormEvent, useState } from 'react';
import type { ProxySetting } from '#contract/settings.ts';
import { Health } from '../../components/badge.tsx';
import { RadioField, SwitchField, TextField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/page.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { portOf, proxyTrouble } from './addresses.ts';
import { useSaving } from './saving.ts';
import { Setting, SettingList } from './setting.tsx';

const words = texts.settings;

/** How apps come in and how requests go out. */
export function Network() {
  return (
    <div className="settings">
      <Door />
      <WayOut />
    </div>
  );
}

/** The HTTP door. Its port is bound at start, so a change waits for the next one. */
function Door() {
  const control = useControl();
  const { status, settings } = useSnapshot();
  const http = useSaving(settings.http, (chosen) => control.settings.set({ http: chosen }));
  const openPort = status.url === null ? undefined : Number(URL.parse(status.url)?.port);
  const waits =
    settings.http !== (status.url !== null) ||
    (settings.http && settings.port !== undefined && settings.port !== openPort);
  return (
    <Section title={words.door} lead={words.doorLead}>
      <SettingList>
        <Setting>
          <Health tone={status.url === null ? 'plain' : 'good'}>
            {status.url === null ? words.doorClosed : words.doorOpen(status.url)}
          </Health>
          {waits && <Notice tone="info">{words.nextStart}</Notice>}
        </Setting>
        <Setting saving={http} line>
          <SwitchField
            label={words.http}
            help={words.httpHelp}
            checked={http.shown}
            onChange={(checked) => void http.save(checked)}
          />
        </Setting>
        <Port saved={settings.port ?? openPort} />
      </SettingList>
    </Section>
  );
}

function Port({ saved }: { saved: number | undefined }) {
  const control = useControl();
  const saving = useSaving(saved, (port) => control.settings.set({ port }));
  const [typed, type] = useState<string>();
  const [isWrong, setWrong] = useState(false);
  const shown = typed ?? (saving.shown === undefined ? '' : String(saving.shown));
  const commit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (typed === undefined) return;
    const port = portOf(typed);
    setWrong(port === undefined);
    if (port === undefined) return;
    type(undefined);
    if (port !== saved) void saving.save(port);
  };
  return (
    <Setting saving={saving}>
      <form className="setting-short" onSubmit={commit}>
        <TextField
          label={words.port}
          help={words.portHelp}
          error={isWrong ? words.portWrong : undefined}
          value={shown}
          onChange={(value) => {
            type(value);
            setWrong(false);
          }}
          input={{ inputMode: 'numeric', onBlur: () => commit() }}
        />
      </form>
    </Setting>
  );
}

type Mode = ProxySetting['mode'];
const modes: readonly Mode[] = ['system', 'none', 'manual'];

/** `manual` counts only once it has an address that can be one. */
function WayOut() {
  const control = useControl();
  const { settings } = useSnapshot();
  const saving = useSaving(settings.proxy, (proxy) => control.settings.set({ proxy }));
  const [isManual, setManual] = useState(false);
  const [typed, type] = useState<string>();
  const [trouble, setTrouble] = useState<string>();
  const mode: Mode = isManual ? 'manual' : saving.shown.mode;
  const savedUrl = saving.shown.mode === 'manual' ? saving.shown.url : '';
  const choose = (chosen: Mode): void => {
    setTrouble(undefined);
    setManual(chosen === 'manual');
    if (chosen === 'manual') return;
    type(undefined);
    void saving.save({ mode: chosen });
  };
  const commit = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    const url = typed ?? savedUrl;
    // Who only passes through the empty field is not scolded.
    if (!event && (typed === undefined || url.trim() === '')) return;
    const wrong = proxyTrouble(url);
    setTrouble(wrong);
    if (wrong !== undefined) return;
    if (url.trim() !== savedUrl && !(await saving.save({ mode: 'manual', url: url.trim() }))) return;
    setManual(false);
    type(undefined);
  };
  return (
    <Section title={words.proxy} lead={words.proxyLead}>
      <SettingList>
        <Setting saving={saving}>
          <RadioField
            label={words.proxyMode}
            value={mode}
            onChange={choose}
            choices={modes.map((value) => ({ value, ...words.proxyModes[value] }))}
          />
          {mode === 'manual' && (
            <form className="setting-medium" onSubmit={(event) => void commit(event)}>
              <TextField
                label={words.proxyUrl}
                help={words.proxyUrlHelp}
                error={trouble}
                value={typed ?? savedUrl}
                onChange={(value) => {
                  type(value);
                  setTrouble(undefined);
                }}
                input={{
                  inputMode: 'url',
                  placeholder: 'http://proxy.example.com:8080',
                  onBlur: () => void commit(),
                }}
              />
            </form>
          )}
        </Setting>
      </SettingList>
    </Section>
  );
}
