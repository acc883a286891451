import { FilePlus2, FileText } from 'lucide-react';
import type { ChangePreview } from '#contract/clients.ts';
import { Notice } from '../components/notice.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.appSetup;

/** Exactly what would change in a file: in plain words and as text, and what stays. */
export function ChangeView({ preview }: { preview: ChangePreview }) {
  const { path, exists, said, others } = preview;
  return (
    <div className="stack-tight change">
      <p className="change-file">
        {exists ? <FileText aria-hidden="true" size={16} /> : <FilePlus2 aria-hidden="true" size={16} />}
        <span>
          <span className="visually-hidden">{words.file} </span>
          <code>{path}</code>
          {!exists && <span className="muted small"> {words.newFile}</span>}
        </span>
      </p>
      <ul className="change-said" aria-label={words.said}>
        {said.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <Difference preview={preview} />
      {others.length > 0 && <p className="muted small">{words.others(others)}</p>}
    </div>
  );
}

/** The lines that go and the lines that come. */
function Difference({ preview: { added, removed, line } }: { preview: ChangePreview }) {
  if (added === '' && removed === '') return <p className="muted small">{words.nothing}</p>;
  return (
    <figure className="diff">
      <figcaption className="muted small">{words.text(line)}</figcaption>
      {removed !== '' && (
        <pre className="diff-removed">
          <span className="visually-hidden">{words.removed}</span>
          <del>{marked(removed, '−')}</del>
        </pre>
      )}
      {added !== '' && (
        <pre className="diff-added">
          <span className="visually-hidden">{words.added}</span>
          <ins>{marked(added, '+')}</ins>
        </pre>
      )}
    </figure>
  );
}

/** Every line with its sign, so that it does not take colours to tell them apart. */
function marked(text: string, mark: string): string {
  // A comma that only ends the entry before is no line to read.
  const lines = text
    .replace(/^(?:[ \t,]*\r?\n)+/, '')
    .trimEnd()
    .split(/\r?\n/);
  return lines.map((line) => `${mark} ${line}`).join('\n');
}

/** What was shown before is not what stands there now. */
export function StaleNotice({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <Notice tone="warn" title={text}>
      {words.changed}
    </Notice>
  );
}
