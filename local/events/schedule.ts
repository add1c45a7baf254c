/** Schedule expressions of EventBridge rules. @see "Creating an Amazon EventBridge rule that runs on a schedule" */

/** @returns the first time after `after` at which the rule runs, both in milliseconds since 1970; undefined for never */
export type Schedule = (after: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = 86_400_000;
/** A day that does not come within this time does not come at all: the 29th of February, on a given weekday too, does. */
const MAX_DAYS = 366 * 41;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * Reads `rate(5 minutes)` and `cron(0 2 * * ? *)`, in UTC.
 * @param start when the rule was made: a rate counts from there
 * @throws Error for what is no schedule, and for `L`, `W` and `#`, which are not emulated
 */
export function parseSchedule(expression: string, start: number): Schedule {
  const [, kind, inside = ''] = /^(rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return rateSchedule(expression, inside, start);
  if (kind === 'cron') return cronSchedule(expression, inside);
  throw new Error(`${expression} is neither rate(…) nor cron(…).`);
}

function rateSchedule(expression: string, inside: string, start: number): Schedule {
  const [, digits = '', unit = '', plural = ''] = /^\s*([1-9]\d*)\s+(minute|hour|day)(s?)\s*$/.exec(inside) ?? [];
  const count = Number(digits);
  // As on AWS: one minute, but two minutes.
  if (digits === '' || (count === 1) !== (plural === '')) throw new Error(`${expression} is no rate of EventBridge.`);
  const everyMs = count * (UNIT_MS[unit] ?? 0);
  return after => start + (Math.floor(Math.max(0, after - start) / everyMs) + 1) * everyMs;
}

interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
}

function cronSchedule(expression: string, inside: string): Schedule {
  const fields = inside.trim().split(/\s+/);
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = fields;
  if (fields.length !== 6) throw new Error(`${expression} must have six fields, not ${fields.length}.`);
  if ((days === '?') === (weekdays === '?')) {
    throw new Error(`${expression} must have ? either as the day of the month or as the day of the week.`);
  }
  const read = (field: string, range: Range) => readField(expression, field, range);
  const cron: Cron = {
    minutes: [...read(minutes, { min: 0, max: 59 })].sort((a, b) => a - b),
    hours: [...read(hours, { min: 0, max: 23 })].sort((a, b) => a - b),
    days: read(days, { min: 1, max: 31 }),
    months: read(months, { min: 1, max: 12, names: MONTHS }),
    weekdays: read(weekdays, { min: 1, max: 7, names: WEEKDAYS }),
    years: read(years, { min: 1970, max: 2199 }),
  };
  return after => nextTime(cron, after);
}

interface Range {
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly names?: readonly string[];
}

function readField(expression: string, field: string, { min, max, names = [] }: Range): Set<number> {
  const wrong = () => new Error(`${expression}: the local EventBridge cannot read the field ${field}.`);
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const number = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max)) throw wrong();
    return number;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, from = '', to, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    if (from === '') throw wrong();
    const isAny = (from === '*' || from === '?') && to === undefined;
    const first = isAny ? min : numberOf(from);
    const last = isAny || (to === undefined && step !== undefined) ? max : numberOf(to ?? from);
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function nextTime({ minutes, hours, days, months, weekdays, years }: Cron, after: number): number | undefined {
  const firstMinute = Math.floor(after / 60_000) * 60_000 + 60_000;
  const firstDay = Math.floor(firstMinute / DAY_MS) * DAY_MS;
  for (let day = firstDay; day < firstDay + MAX_DAYS * DAY_MS; day += DAY_MS) {
    const date = new Date(day);
    const fits =
      years.has(date.getUTCFullYear()) &&
      months.has(date.getUTCMonth() + 1) &&
      days.has(date.getUTCDate()) &&
      weekdays.has(date.getUTCDay() + 1);
    if (!fits) continue;
    const times = hours.flatMap(hour => minutes.map(minute => day + hour * 3_600_000 + minute * 60_000));
    const time = times.find(candidate => candidate >= firstMinute);
    if (time !== undefined) return time;
  }
  return undefined;
}
