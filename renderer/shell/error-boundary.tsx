import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/page.tsx';
import { texts } from '../texts/texts.ts';

/** Keeps the window usable when a screen runs into a fault of its own. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="fault">
        <Empty
          title={texts.shell.wrongTitle}
          text={texts.shell.wrongText}
          action={
            <Button kind="primary" onClick={() => location.reload()}>
              {texts.shell.reload}
            </Button>
          }
        />
      </main>
    );
  }
}
