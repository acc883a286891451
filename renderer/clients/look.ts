import { useQuery } from '@tanstack/react-query';
import { useControl } from '../gangway.tsx';

/** Has the bridge look anew at the clients of this computer; what it finds comes with the snapshot. */
export function useLook(): () => void {
  const control = useControl();
  const { refetch } = useQuery({
    queryKey: ['look-at-clients'],
    queryFn: ({ signal }) => control.clients.list(undefined, { signal }),
    refetchOnWindowFocus: 'always',
  });
  return () => void refetch();
}
