import { Card, Page, Section } from '../../components/page.tsx';
import { ChooseAndConnect } from '../../connect/choose-address.tsx';
import { texts } from '../../texts/texts.ts';
import { ConnectedApps } from './connected-apps.tsx';
import { Tokens } from './tokens.tsx';

const words = texts.apps;

/** Who uses the accounts: what is connected, what was given out, and how one more app gets in. */
export function Apps() {
  return (
    <Page title={words.title} lead={words.lead}>
      <ConnectedApps />
      <Tokens />
      <Section title={words.byHand} lead={words.byHandLead}>
        <Card>
          <ChooseAndConnect />
        </Card>
      </Section>
    </Page>
  );
}
