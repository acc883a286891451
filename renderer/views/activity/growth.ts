import { useEffect, useState } from 'react';
import { useSnapshot } from '../../gangway.tsx';

/**
 * Runs `read` whenever the log has grown since, or the bridge came back; one at a time, so never while `isBusy`. The
 * latest calls of the snapshot tell of it, because a stream of one's own would cost a browser one of its few connections.
 */
export function useGrowth(isBusy: boolean, read: () => void): void {
  const { recent } = useSnapshot();
  const [done, setDone] = useState(recent);
  useEffect(() => {
    if (isBusy || done === recent) return;
    setDone(recent);
    read();
  });
}
