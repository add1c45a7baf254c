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
  const wasAtEnd = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    follows.current = true;
    wasAtEnd.current = true;
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
      // Told only when it changes: an update, even to the same, may render the whole view.
      if (wasAtEnd.current !== follows.current) setAtEnd(follows.current);
      wasAtEnd.current = follows.current;
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
const FIRST = 20;
/** Few, so that no frame is missed for them. */
const MORE = 4;

/**
 * Shows the end of a long list, and more of it when its beginning comes near. What the reader looks at stays where it is.
 * @returns how many of the last are shown, and where to put what watches the beginning: right before them
 */
export function useGrowingWindow(length: number, scroller: RefObject<HTMLElement | null>) {
  const [shown, setShown] = useState(FIRST);
  const beginning = useRef<HTMLDivElement>(null);
  const firstBefore = useRef<{ element: HTMLElement; top: number }>(undefined);
  const isWhole = shown >= length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was added may leave the beginning in view
  useEffect(() => {
    const root = scroller.current;
    const watched = beginning.current;
    if (isWhole || !watched || !root) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        const element = watched.nextElementSibling;
        if (!entry?.isIntersecting || !(element instanceof HTMLElement)) return;
        firstBefore.current = { element, top: element.offsetTop };
        setShown(before => before + MORE);
      },
      { root, rootMargin: '2000px 0px 0px' },
    );
    observer.observe(watched);
    return () => observer.disconnect();
  }, [isWhole, scroller, shown]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is for what was just added
  useLayoutEffect(() => {
    const before = firstBefore.current;
    firstBefore.current = undefined;
    if (before && scroller.current) scroller.current.scrollTop += before.element.offsetTop - before.top;
  }, [shown, scroller]);
  return { shown, beginning, isWhole };
}
