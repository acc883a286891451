import { ButtonLink } from '../../components/button.tsx';
import { CopyBox } from '../../components/copy-box.tsx';
import { Card, Facts, Section } from '../../components/page.tsx';
import { Ago, useNow } from '../../components/time.tsx';
import { useDesktopState } from '../../desktop-state.ts';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { diagnosticsText } from './diagnostics.ts';

const words = texts.settings;

/** Facts for those who look closer, and for those who help. */
export function Advanced() {
  const snapshot = useSnapshot();
  const desktop = useDesktopState();
  const now = useNow();
  const { version, pid, home, socket, url, startedAt } = snapshot.status;
  return (
    <div className="settings">
      <Section title={words.details}>
        <Card>
          <Facts
            items={[
              [words.version, version],
              [words.home, <code key="home">{home}</code>],
              [words.socket, <code key="socket">{socket}</code>],
              [words.url, url === null ? words.none : <code key="url">{url}</code>],
              [words.process, pid],
              [words.started, <Ago key="started" at={startedAt} />],
            ]}
          />
        </Card>
      </Section>
      <Section
        title={words.diagnostics}
        lead={words.diagnosticsLead}
        actions={<ButtonLink to="/doctor">{texts.doctor.title}</ButtonLink>}
      >
        <CopyBox
          label={words.diagnosticsText}
          text={diagnosticsText(snapshot, desktop, navigator.userAgent, now)}
        />
      </Section>
    </div>
  );
}
