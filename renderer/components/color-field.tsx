import { Fieldset } from '@base-ui/react/fieldset';
import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import type { Color } from '#contract/account.ts';
import { texts } from '../texts/texts.ts';
import { ColorDot } from './badge.tsx';

const colors = Object.keys(texts.words.color) as Color[];

/** One of the colours, all in view; each is named for those who do not see it. */
export function ColorField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: Color;
  onChange: (color: Color) => void;
}) {
  return (
    <Fieldset.Root
      className="fieldset"
      render={<RadioGroup value={value} onValueChange={(chosen: Color) => onChange(chosen)} />}
    >
      <Fieldset.Legend className="label">{label}</Fieldset.Legend>
      <div className="swatches">
        {colors.map((color) => (
          <Radio.Root
            key={color}
            value={color}
            className="swatch"
            aria-label={texts.words.color[color]}
            title={texts.words.color[color]}
          >
            <ColorDot color={color} />
          </Radio.Root>
        ))}
      </div>
    </Fieldset.Root>
  );
}
