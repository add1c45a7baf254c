import { Label } from 'react-aria-components/Label';
import { ProgressBar as AriaProgressBar } from 'react-aria-components/ProgressBar';

interface ProgressBarProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  /** 0 to 1; left out while nobody knows. */
  readonly share?: number;
}

/** How far something is. */
export function ProgressBar({ label, isLabelHidden, share }: ProgressBarProps) {
  return (
    <AriaProgressBar
      className="progress"
      minValue={0}
      maxValue={1}
      value={share ?? 0}
      isIndeterminate={share === undefined}
      formatOptions={{ style: 'percent' }}
    >
      {({ percentage = 0, valueText, isIndeterminate }) => (
        <>
          <div className={isLabelHidden ? 'visually-hidden' : 'progress__words'}>
            <Label>{label}</Label>
            <span>{valueText}</span>
          </div>
          <svg className="progress__track" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect
              className={isIndeterminate ? 'progress__fill progress__fill--moving' : 'progress__fill'}
              width={isIndeterminate ? 30 : percentage}
              height="4"
            />
          </svg>
        </>
      )}
    </AriaProgressBar>
  );
}
