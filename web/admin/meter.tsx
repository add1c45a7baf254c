import { Label } from 'react-aria-components/Label';
import { Meter as AriaMeter } from 'react-aria-components/Meter';

interface MeterProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: number;
  readonly limit: number;
  readonly hint?: string;
}

/** Nearly spent. */
const HIGH = 0.9;

/** How much of a limit is taken. */
export const Meter = ({ label, isLabelHidden, value, limit, hint }: MeterProps) => (
  <AriaMeter className="meter" value={Math.min(value, limit)} maxValue={limit} valueLabel={label}>
    <Label className={isLabelHidden ? 'visually-hidden' : 'meter__label'}>{label}</Label>
    <svg className="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect
        className={value >= limit * HIGH ? 'share__fill share__fill--high' : 'share__fill'}
        width={Math.min(100, (value / limit) * 100)}
        height="8"
      />
    </svg>
    {hint && <p className="hint">{hint}</p>}
  </AriaMeter>
);
