import { CircleCheck, Info, OctagonX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

const icons = { good: CircleCheck, info: Info, warn: TriangleAlert, bad: OctagonX };

/** A sentence with a frame and at most one thing to do. `bad` and `warn` are read aloud when they appear. */
export function Notice({
  tone,
  title,
  children,
  action,
  live = true,
}: {
  tone: 'good' | 'info' | 'warn' | 'bad';
  title?: string | undefined;
  children: ReactNode;
  action?: ReactNode;
  /** False where something else says the same aloud. */
  live?: boolean;
}) {
  const Icon = icons[tone];
  return (
    <div
      className={`notice notice-${tone}`}
      role={live ? (tone === 'bad' || tone === 'warn' ? 'alert' : 'status') : undefined}
    >
      <Icon aria-hidden="true" size={18} />
      <div className="notice-text">
        {title && <strong>{title}</strong>}
        <div>{children}</div>
      </div>
      {action && <div className="notice-action">{action}</div>}
    </div>
  );
}
