import { type CheckLine, Checklist } from '../../components/checklist.tsx';
import { Card } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import type { Draft } from './draft.ts';
import type { Look } from './look.ts';
import { LookResult } from './look-result.tsx';

interface Shown {
  readonly look: Look;
  readonly draft: Draft;
  /** How far adding is. */
  readonly state: CheckLine['state'];
}

/** Beside the form: what is known of the place, and how far adding is. */
export function LiveChecks({ look, draft, state }: Shown) {
  const words = texts.add;
  const isByBrowser = draft.signIn === 'oauth' && !draft.isCommand;
  return (
    <Card className="stack add-checks">
      <h2>{words.checks}</h2>
      <Place look={look} draft={draft} />
      <Checklist
        label={words.access}
        lines={[{ key: 'who', text: words.whoAndTools, state }]}
        said={state === 'running' ? words.checking : ''}
      />
      <p className="muted small">{isByBrowser ? words.signInSent : words.nothingSent}</p>
    </Card>
  );
}

function Place({ look, draft: { connector, url, isCommand } }: Pick<Shown, 'look' | 'draft'>) {
  const words = texts.add;
  if (isCommand) return <p className="muted small">{words.commandChecks}</p>;
  if ((connector === 'pelcro' || connector === 'aly') && url.trim() === '') {
    return <p className="muted small">{words.ownAddress(texts.words.connector[connector])}</p>;
  }
  return <LookResult look={look} />;
}
