import { type ReactNode, useState } from 'react';

/** Something most people need not see. Once shown it stays as the person left it, whatever is typed in it. */
export function Details({
  summary,
  open = false,
  children,
}: {
  summary: ReactNode;
  /** Begins open. */
  open?: boolean;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details className="details" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      <div className="stack">{children}</div>
    </details>
  );
}
