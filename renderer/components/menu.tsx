import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';

/** One line of a menu. */
export interface MenuLine {
  readonly key: string;
  readonly label: ReactNode;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** A line is drawn above it. */
  readonly separated?: boolean;
  readonly onClick: () => void;
}

/** Menus belong to the content of the page; elsewhere they would be outside of all its landmarks. */
const content = {
  get current(): HTMLElement | null {
    return document.getElementById('content');
  },
};

/** A menu that opens from a button; `trigger` is that button. */
export function Menu({ trigger, lines }: { trigger: ReactElement; lines: readonly MenuLine[] }) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal container={content}>
        <BaseMenu.Positioner className="positioner" sideOffset={4} align="end">
          <BaseMenu.Popup className="popup">
            {lines.map((line) => [
              line.separated && <BaseMenu.Separator key={`${line.key}-above`} className="menu-separator" />,
              <BaseMenu.Item
                key={line.key}
                className={line.danger ? 'menu-item menu-danger' : 'menu-item'}
                disabled={line.disabled ?? false}
                onClick={line.onClick}
              >
                <span className="menu-mark" aria-hidden="true">
                  {line.icon}
                </span>
                <span className="menu-text">{line.label}</span>
              </BaseMenu.Item>,
            ])}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
