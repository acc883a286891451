import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { Page } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import { Steps } from './steps.tsx';
import { Welcome } from './welcome.tsx';
import { WizardApps } from './wizard-apps.tsx';
import { WizardCheck } from './wizard-check.tsx';
import { WizardWorkspace } from './wizard-workspace.tsx';

const steps = ['welcome', 'workspace', 'apps', 'check'] as const;
type Step = (typeof steps)[number];

/** The first run, in four steps; each can be left and come back to. */
export function Setup() {
  const { step: named } = useParams<{ step?: string }>();
  const [, go] = useLocation();
  const [startedAt] = useState(() => new Date());
  const step = steps.find((one) => one === named) ?? 'welcome';
  const goTo = (next: Step): void => go(`/setup/${next}`);
  return (
    <Page title={texts.setup.titles[step]} lead={texts.setup.leads[step]} wide={step === 'workspace'}>
      <Steps names={steps.map((one) => texts.setup.steps[one])} at={steps.indexOf(step)} />
      {step === 'welcome' && <Welcome onNext={() => goTo('workspace')} onSkip={() => go('/accounts')} />}
      {step === 'workspace' && <WizardWorkspace onBack={() => goTo('welcome')} onNext={() => goTo('apps')} />}
      {step === 'apps' && <WizardApps onBack={() => goTo('workspace')} onNext={() => goTo('check')} />}
      {step === 'check' && (
        <WizardCheck since={startedAt} onBack={() => goTo('apps')} onDone={() => go('/accounts')} />
      )}
    </Page>
  );
}
