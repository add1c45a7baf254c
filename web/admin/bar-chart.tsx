import { topOf } from './usage.ts';

interface BarChartProps {
  /** What it shows, in a sentence, for those who do not see it. */
  readonly summary: string;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
  readonly format: (value: number) => string;
}

const WIDTH = 1_000;
const HEIGHT = 200;
/** Of a bar's room. */
const BAR = 0.72;

/** Bars from left to right, drawn without a style of their own; the numbers stand in a table beside it. */
export function BarChart({ summary, bars, format }: BarChartProps) {
  const top = topOf(Math.max(0, ...bars.map(({ value }) => value)));
  const room = WIDTH / Math.max(1, bars.length);
  const [first] = bars;
  const last = bars.at(-1);
  return (
    <div className="chart">
      <p className="chart__top" aria-hidden="true">
        {format(top)}
      </p>
      <svg className="chart__bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{summary}</title>
        {[0, 0.5, 1].map(share => (
          <line key={share} className="chart__line" x1="0" x2={WIDTH} y1={HEIGHT * share} y2={HEIGHT * share} />
        ))}
        {bars.map(({ label, value }, index) => {
          const height = (value / top) * HEIGHT;
          const shown = value > 0 ? Math.max(height, 2) : 0;
          return (
            <rect
              key={label}
              className="chart__bar"
              x={index * room + (room * (1 - BAR)) / 2}
              y={HEIGHT - shown}
              width={room * BAR}
              height={shown}
            >
              <title>{`${label}: ${format(value)}`}</title>
            </rect>
          );
        })}
      </svg>
      <p className="chart__days" aria-hidden="true">
        <span>{first?.label}</span>
        <span>{last !== first && last?.label}</span>
      </p>
    </div>
  );
}

/** A share of a whole, beside its number. @param share 0 to 1 */
export const ShareBar = ({ share }: { share: number }) => (
  <svg className="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect className="share__fill" width={Math.max(share > 0 ? 1 : 0, share * 100)} height="8" />
  </svg>
);
