import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from 'lucide-react';
import { texts } from '../texts/texts.ts';

/** One line of a live checklist. */
export interface CheckLine {
  readonly key: string;
  readonly text: string;
  readonly state: 'open' | 'running' | 'ok' | 'failed';
}

const icons = { open: CircleDashed, running: LoaderCircle, ok: CircleCheck, failed: CircleX };

/**
 * What is being looked at, and how far it is. Only `said` is read aloud when it changes: the lines themselves change too
 * often while somebody types.
 */
export function Checklist({
  label,
  lines,
  said = '',
}: {
  label: string;
  lines: readonly CheckLine[];
  said?: string;
}) {
  return (
    <div>
      <ul className="checklist" aria-label={label}>
        {lines.map(({ key, text, state }) => {
          const Icon = icons[state];
          return (
            <li key={key} className={`checklist-${state}`}>
              <Icon aria-hidden="true" size={16} />
              <span className="checklist-text">{text}</span>
              <span className="visually-hidden">{texts.words.check[state]}</span>
            </li>
          );
        })}
      </ul>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
