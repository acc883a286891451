import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';

type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  /** `primary`: the one thing to do here. `quiet`: no frame. */
  readonly kind?: Kind;
  readonly size?: 'normal' | 'small';
  readonly icon?: ReactNode;
  /** Shows that it works on it; the button cannot be pressed meanwhile. */
  readonly busy?: boolean;
}

/** A button. Give `aria-label` when it has an icon only. */
export function Button({
  kind = 'plain',
  size = 'normal',
  icon,
  busy = false,
  className,
  children,
  ...rest
}: Look & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(kind, size, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled'] || undefined}
      onClick={busy ? undefined : rest.onClick}
    >
      {/* In the place of the icon, else over the words, so that nothing moves. */}
      {busy ? <Spinner over={!icon} /> : icon}
      <span className="button-words">{children}</span>
    </button>
  );
}

/** A link to another screen that looks like a button. */
export function ButtonLink({
  kind = 'plain',
  size = 'normal',
  icon,
  to,
  className,
  name,
  children,
}: Look & {
  to: string;
  className?: string;
  /** Read aloud in place of the words, where several links have the same. */
  name?: string;
  children: ReactNode;
}) {
  return (
    <Link to={to} className={classes(kind, size, className)} aria-label={name}>
      {icon}
      {children}
    </Link>
  );
}

/** A button that is only an icon; its name is read aloud and shown as its title. */
export function IconButton({
  name,
  children,
  className,
  ...rest
}: { name: string } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={name}
      title={name}
      className={`icon-button ${className ?? ''}`}
    >
      {children}
    </button>
  );
}

/** Something runs. Decoration: say in words what. */
export function Spinner({ over = false }: { over?: boolean }) {
  return <span className={over ? 'spinner spinner-over' : 'spinner'} aria-hidden="true" />;
}

function classes(kind: Kind, size: 'normal' | 'small', more: string | undefined): string {
  return `button button-${kind} ${size === 'small' ? 'button-small' : ''} ${more ?? ''}`.trim();
}
