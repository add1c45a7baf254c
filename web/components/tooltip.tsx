import type { ReactNode } from 'react';
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';

interface HintProps {
  readonly text: string;
  /** One button or link of React Aria. */
  readonly children: ReactNode;
}

/** Words that show while the pointer or the focus is on a button. */
export function Hint({ text, children }: HintProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={100}>
      {children}
      <Tooltip className="tooltip" offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
