import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Card } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import type { Saving } from './saving.ts';

/** Settings that belong together, one below the other. */
export function SettingList({ children }: { children: ReactNode }) {
  return <Card className="settings-list">{children}</Card>;
}

/** One setting, with a quiet word when it was saved and the reason when it was not. */
export function Setting({
  saving,
  line = false,
  children,
}: {
  saving?: Pick<Saving<never>, 'state' | 'failure'>;
  /** The control stands beside its label. */
  line?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={line ? 'setting setting-line' : 'setting'}>
      {children}
      {saving && (
        <span className="setting-saved" role="status">
          {saving.state === 'saved' && (
            <>
              <Check aria-hidden="true" size={14} />
              {texts.settings.saved}
            </>
          )}
        </span>
      )}
      {saving?.failure && (
        <p className="field-error" role="alert">
          {saving.failure}
        </p>
      )}
    </div>
  );
}
