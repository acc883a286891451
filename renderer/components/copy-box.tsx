import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useDesktop } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import { useToasts } from './toasts.tsx';

const COPIED_MS = 2000;

/** Puts a text on the clipboard: through the desktop app where there is one, because windows have none there. */
export function useCopy(): (text: string, secret?: boolean) => Promise<void> {
  const desktop = useDesktop();
  return async (text, secret = false) => {
    if (desktop) await desktop.copy({ text, secret });
    else await navigator.clipboard.writeText(text);
  };
}

/** A button that copies a text and says so. */
export function CopyButton({
  text,
  secret = false,
  label = texts.words.copy,
  size = 'small',
}: {
  text: string;
  secret?: boolean;
  label?: string;
  size?: 'normal' | 'small';
}) {
  const copy = useCopy();
  const toasts = useToasts();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button
      size={size}
      icon={isCopied ? <Check aria-hidden="true" size={14} /> : <Copy aria-hidden="true" size={14} />}
      onClick={() =>
        void copy(text, secret).then(
          () => setCopied(true),
          () => toasts.trouble(texts.words.notCopied),
        )
      }
    >
      <span aria-live="polite">{isCopied ? texts.words.copied : label}</span>
    </Button>
  );
}

/** A text to be copied somewhere else. With `masked`, that is shown in place of its secret. */
export function CopyBox({
  label,
  text,
  masked,
  secret = false,
}: {
  label: string;
  text: string;
  masked?: string;
  secret?: boolean;
}) {
  return (
    <div className="copy-box">
      <div className="copy-box-head">
        <span className="label">{label}</span>
        <CopyButton text={text} secret={secret} />
      </div>
      <textarea
        readOnly
        className="copy-text"
        aria-label={label}
        rows={Math.min(16, (masked ?? text).split('\n').length)}
        value={masked ?? text}
      />
    </div>
  );
}
