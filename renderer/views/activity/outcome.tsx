import { Ban, CircleCheck, CircleHelp, CircleSlash, OctagonX, TriangleAlert } from 'lucide-react';
import type { ActivityEntry } from '#contract/activity.ts';
import type { Tone } from '../../components/badge.tsx';
import { texts } from '../../texts/texts.ts';

type Outcome = ActivityEntry['outcome'];

const signs: Readonly<Record<Outcome, { tone: Tone; icon: typeof Ban }>> = {
  ok: { tone: 'good', icon: CircleCheck },
  'tool-error': { tone: 'warn', icon: TriangleAlert },
  error: { tone: 'bad', icon: OctagonX },
  blocked: { tone: 'info', icon: Ban },
  cancelled: { tone: 'plain', icon: CircleSlash },
  unknown: { tone: 'warn', icon: CircleHelp },
};

/** How a call ended, as a sign and in words; `bare` leaves the words to screen readers. */
export function OutcomeSign({ outcome, bare = false }: { outcome: Outcome; bare?: boolean }) {
  const { tone, icon: Icon } = signs[outcome];
  const words = texts.words.outcome[outcome];
  return (
    <span className={`health health-${tone}`} title={bare ? words : undefined}>
      <Icon aria-hidden="true" size={16} />
      <span className={bare ? 'visually-hidden' : undefined}>{words}</span>
    </span>
  );
}
