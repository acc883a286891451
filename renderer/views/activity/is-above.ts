import { type RefObject, useEffect, useState } from 'react';

/** Whether something was scrolled out of view at the top. */
export function useIsAbove(watched: RefObject<Element | null>): boolean {
  const [isAbove, setAbove] = useState(false);
  useEffect(() => {
    const { current } = watched;
    if (!current) return undefined;
    const observer = new IntersectionObserver(([seen]) => {
      if (seen) setAbove(!seen.isIntersecting && seen.boundingClientRect.top < (seen.rootBounds?.top ?? 0));
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [watched]);
  return isAbove;
}
