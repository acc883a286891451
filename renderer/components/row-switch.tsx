import { Switch } from '@base-ui/react/switch';

/** A switch in a list; its name is only read aloud, because the row says it. */
export function RowSwitch({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <Switch.Root className="switch" aria-label={label} checked={checked} onCheckedChange={onChange}>
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  );
}
