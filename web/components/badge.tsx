import type { ReactNode } from 'react';

interface BadgeProps {
  readonly tone?: 'neutral' | 'good' | 'busy' | 'bad' | 'accent';
  readonly children: ReactNode;
}

/** A state in a word; the colour says nothing that the word does not. */
export const Badge = ({ tone = 'neutral', children }: BadgeProps) => (
  <span className={`badge badge--${tone}`}>{children}</span>
);
