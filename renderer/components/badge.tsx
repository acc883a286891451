import { CircleCheck, CircleDot, OctagonX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Color } from '#contract/account.ts';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info';

/** A short word in a frame. The tone repeats what the word says, never replaces it. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

/** The colour a person gave an account. Decoration: the label stands beside it. */
export function ColorDot({ color }: { color: Color }) {
  return <span className={`color-dot color-${color}`} aria-hidden="true" />;
}

const icons = { good: CircleCheck, warn: TriangleAlert, bad: OctagonX, info: CircleDot, plain: CircleDot };

/** A sentence with a sign whose shape and colour say how things stand. */
export function Health({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <span className={`health health-${tone}`}>
      <Icon aria-hidden="true" size={16} />
      <span>{children}</span>
    </span>
  );
}
