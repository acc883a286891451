import { texts } from '../../texts/texts.ts';

/** Where one is: `Step 2 of 4`, and the names of all steps. */
export function Steps({ names, at }: { names: readonly string[]; at: number }) {
  return (
    <ol className="steps" aria-label={texts.setup.stepOf(at + 1, names.length)}>
      {names.map((name, index) => (
        <li
          key={name}
          className={index < at ? 'step-past' : index === at ? 'step-now' : 'step-next'}
          aria-current={index === at ? 'step' : undefined}
        >
          <span className="step-number" aria-hidden="true">
            {index + 1}
          </span>
          <span>{name}</span>
        </li>
      ))}
    </ol>
  );
}
