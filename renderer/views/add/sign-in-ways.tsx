import { RadioField } from '../../components/field.tsx';
import { texts } from '../../texts/texts.ts';
import type { Draft, SignInWay } from './draft.ts';

interface Shown {
  readonly draft: Draft;
  readonly change: (changed: Partial<Draft>) => void;
  readonly ways: readonly SignInWay[];
}

/** The ways to sign in, the usual one first. */
export function SignInWays({ draft, change, ways }: Shown) {
  return (
    <RadioField
      label={texts.add.signIn}
      value={draft.signIn}
      onChange={(signIn) => change({ signIn })}
      choices={ways.map((way) => ({ value: way, label: texts.add.way[way], help: texts.add.wayHelp[way] }))}
    />
  );
}
