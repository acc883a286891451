import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { Card, Page, Section } from '../components/page.tsx';
import { useToasts } from '../components/toasts.tsx';
import type { DesktopClient } from '../connection.ts';
import { useDesktop, useSnapshot } from '../gangway.tsx';
import { isMac } from '../shell/keys.ts';
import { texts } from '../texts/texts.ts';

const words = texts.about;

/** What this is, whose it is, and how it is used without a mouse. */
export function About() {
  const { version } = useSnapshot().status;
  const desktop = useDesktop();
  return (
    <Page title={words.title}>
      <Card>
        <div className="about-head">
          <img src="./icon.svg" alt="" width={56} height={56} />
          <div>
            <h2>{words.name}</h2>
            <p className="muted">{words.version(version)}</p>
          </div>
        </div>
      </Card>
      <div className="stack-tight">
        <p>{words.what}</p>
        <p>{words.promise}</p>
      </div>
      {desktop && <Pages desktop={desktop} />}
      <Keys />
      <Section title={words.licence}>
        <p>{words.licenceText}</p>
        <p className="muted">{words.notices}</p>
      </Section>
    </Page>
  );
}

/** Pages of the project, opened by the desktop app; a build that has none says so. */
function Pages({ desktop }: { desktop: DesktopClient }) {
  const toasts = useToasts();
  const open = useAction(async (page: 'help' | 'changes') => {
    const { opened } = await desktop.openPage({ page });
    if (!opened) toasts.said(words.noPage);
  });
  return (
    <div className="row">
      <Button onClick={() => void open.run('help')}>{words.help}</Button>
      <Button onClick={() => void open.run('changes')}>{words.changes}</Button>
    </div>
  );
}

function Keys() {
  const modifier = isMac() ? words.command : words.control;
  const keys: readonly (readonly [keyof typeof words.keyList, readonly string[]])[] = [
    ['palette', [modifier, 'K']],
    ['settings', [modifier, ',']],
    ['next', ['Tab']],
    ['move', ['↑', '↓', '←', '→']],
    ['choose', ['Enter']],
    ['toggle', ['Space']],
    ['close', ['Esc']],
    ['toasts', ['F6']],
  ];
  return (
    <Section title={words.keys}>
      <Card>
        <dl className="keys">
          {keys.map(([name, pressed]) => (
            <div key={name}>
              <dt>{words.keyList[name]}</dt>
              <dd>
                {pressed.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </Card>
    </Section>
  );
}
