import { Notice } from '../../components/notice.tsx';

/** What the bridge noticed. A warning among them makes them all one. */
export function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <Notice tone={notes.some((note) => note.startsWith('Warning:')) ? 'warn' : 'info'}>
      <ul>
        {[...new Set(notes)].map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </Notice>
  );
}
