import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** How near the end counts as the end, in CSS pixels. */
const NEAR = 48;

interface FollowedScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
}

/** Stays at the end while what is shown grows, until the reader scrolls away from it. */
export function useFollowedScroll(): FollowedScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    follows.current = true;
    element.scrollTop = element.scrollHeight;
    setAtEnd(true);
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    let top = element.scrollTop;
    const onScroll = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      // Growth alone scrolls nothing up: only the reader does.
      if (isNear) follows.current = true;
      else if (element.scrollTop < top) follows.current = false;
      top = element.scrollTop;
      setAtEnd(isNear || follows.current);
    };
    const grown = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
      else onScroll();
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    grown.observe(content.current);
    grown.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      grown.disconnect();
    };
  }, []);
  return { scroller, content, isAtEnd, toEnd };
}

/** Turns that are shown at first, and that come on top of them whenever the reader gets there. */
const WINDOW = 30;

/**
 * Shows the end of a long list, and more of it when its beginning comes into view. What the reader looks at stays where it is.
 * @returns how many of the last are shown, and where to put what watches the beginning
 */
export function useGrowingWindow(length: number, scroller: RefObject<HTMLElement | null>) {
  const [shown, setShown] = useState(WINDOW);
  const beginning = useRef<HTMLDivElement>(null);
  const heightBefore = useRef<number>(undefined);
  const isWhole = shown >= length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was added may leave the beginning in view
  useEffect(() => {
    const root = scroller.current;
    if (isWhole || !beginning.current || !root) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        heightBefore.current = root.scrollHeight - root.scrollTop;
        setShown(before => before + WINDOW);
      },
      { root, rootMargin: '1200px 0px 0px' },
    );
    observer.observe(beginning.current);
    return () => observer.disconnect();
  }, [isWhole, scroller, shown]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is for what was just added
  useLayoutEffect(() => {
    const root = scroller.current;
    if (root && heightBefore.current !== undefined) root.scrollTop = root.scrollHeight - heightBefore.current;
    heightBefore.current = undefined;
  }, [shown, scroller]);
  return { shown, beginning, isWhole };
}
