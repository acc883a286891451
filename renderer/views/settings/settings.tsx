import { useLocation, useParams } from 'wouter';
import { Page } from '../../components/page.tsx';
import { type Tab, Tabs } from '../../components/tabs.tsx';
import { useDesktop } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { Advanced } from './advanced.tsx';
import { General } from './general.tsx';
import { Network } from './network.tsx';
import { Security } from './security.tsx';
import { Storage } from './storage.tsx';
import { Updates } from './updates.tsx';

type SectionName = keyof typeof texts.settings.sections;

/** What the person can choose, one part at a time. Every change applies at once. */
export function SettingsView() {
  const { section } = useParams<{ section?: string }>();
  const [, go] = useLocation();
  const desktop = useDesktop();
  const { sections } = texts.settings;
  const contents: readonly (readonly [SectionName, React.ReactNode])[] = [
    ['general', <General key="general" />],
    ['security', <Security key="security" />],
    ['network', <Network key="network" />],
    ['storage', <Storage key="storage" />],
    ...(desktop ? [['updates', <Updates key="updates" desktop={desktop} />] as const] : []),
    ['advanced', <Advanced key="advanced" />],
  ];
  const tabs = contents.map(
    ([name, content]): Tab<SectionName> => ({ name, label: sections[name], content }),
  );
  const shown = tabs.find(({ name }) => name === section)?.name ?? 'general';
  return (
    <Page title={texts.settings.title}>
      <Tabs
        label={texts.settings.title}
        tabs={tabs}
        value={shown}
        onChange={(name) => go(`/settings/${name}`, { replace: true })}
      />
    </Page>
  );
}
