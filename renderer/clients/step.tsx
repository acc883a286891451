import { type ReactNode, useEffect, useRef } from 'react';

/** One step of a dialog with its buttons, the main one last. It gets the focus, because the button before it is gone. */
export function Step({
  label,
  buttons,
  children,
}: {
  label: string;
  buttons: ReactNode;
  children: ReactNode;
}) {
  const step = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (!step.current?.contains(document.activeElement)) step.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <fieldset ref={step} tabIndex={-1} className="dialog-step" aria-label={label} data-first-focus>
        {children}
      </fieldset>
      <footer className="dialog-foot">{buttons}</footer>
    </>
  );
}
