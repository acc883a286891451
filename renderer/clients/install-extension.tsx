import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { CopyBox } from '../components/copy-box.tsx';
import { Notice } from '../components/notice.tsx';
import { useControl, useDesktop } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.appSetup;

/** A bundle that was made: where it is, and whether Claude was asked to open it. */
export interface MadeBundle {
  readonly path: string;
  readonly isOpened: boolean;
}

/** Makes a bundle for Claude Desktop. The desktop app opens it, too; a browser can open no files. */
export function InstallButton({ address, onMade }: { address: string; onMade: (made: MadeBundle) => void }) {
  const control = useControl();
  const desktop = useDesktop();
  const install = useAction(async () => {
    if (desktop) {
      const { opened, path } = await desktop.openBundle({ address });
      onMade({ path, isOpened: opened });
    } else {
      const { path } = await control.clients.bundle({ address });
      onMade({ path, isOpened: false });
    }
  });
  return (
    <Button kind="primary" busy={install.isRunning} onClick={() => void install.run()}>
      {words.install}
    </Button>
  );
}

/** What the person does with the bundle. */
export function Installed({ made: { path, isOpened } }: { made: MadeBundle }) {
  return (
    <>
      <Notice tone="good">{isOpened ? words.installOpened : words.installMade}</Notice>
      <CopyBox label={words.installFile} text={path} />
    </>
  );
}
