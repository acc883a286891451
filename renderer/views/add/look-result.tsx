import { Button } from '../../components/button.tsx';
import { type CheckLine, Checklist } from '../../components/checklist.tsx';
import { texts } from '../../texts/texts.ts';
import type { Look } from './look.ts';

const order = ['address', 'reachable', 'certificate', 'protocol', 'sign-in'] as const;

/** What was found at an address, line by line. */
export function LookResult({ look }: { look: Look }) {
  if (look.failed) {
    return (
      <div className="stack-tight" role="alert">
        <p>{texts.add.lookFailed}</p>
        <div>
          <Button size="small" onClick={() => void look.now()}>
            {texts.words.retry}
          </Button>
        </div>
      </div>
    );
  }
  return <Checklist label={texts.add.checks} lines={linesOf(look)} said={saidOf(look)} />;
}

function linesOf({ result, isRunning }: Look): CheckLine[] {
  return order.map((name, index) => {
    const found = result?.checks.find((check) => check.name === name);
    if (found && found.state !== 'skipped') return { key: name, text: found.text, state: found.state };
    const isNext = isRunning && !result && index === 0;
    return { key: name, text: texts.add.check[name], state: isNext ? 'running' : 'open' };
  });
}

/** The outcome in one sentence: what failed, or the way to sign in. */
function saidOf({ result }: Look): string {
  const told = result?.checks.filter(({ state }) => state !== 'skipped') ?? [];
  return (told.find(({ state }) => state === 'failed') ?? told.at(-1))?.text ?? '';
}
