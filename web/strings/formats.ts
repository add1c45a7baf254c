/** Numbers, money, sizes and times as a language writes them. */
export interface Formats {
  number(value: number): string;
  /** 0.5 is 50 %. */
  percent(share: number): string;
  /** With as many digits as a small price needs. */
  dollars(usd: number): string;
  bytes(count: number): string;
  seconds(ms: number): string;
  /** @param time ISO 8601 */
  dateTime(time: string): string;
  /** @param time ISO 8601 */
  date(time: string): string;
  /** A day of UTC. @param day `2026-11-21` */
  day(day: string): string;
  /** E.g. `3 minutes ago`. @param time ISO 8601 */
  ago(time: string, now?: number): string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** @param language a BCP 47 tag */
export function formatsOf(language: string): Formats {
  const plain = new Intl.NumberFormat(language);
  const share = new Intl.NumberFormat(language, { style: 'percent' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const utcDay = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const money = (digits: number) =>
    new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', maximumFractionDigits: digits });
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(language, {
      ...{ style: 'unit', unit: name, maximumFractionDigits: digits },
      unitDisplay: name === 'byte' ? 'long' : 'short', // `39 byte` is no English
    });
  return {
    number: value => plain.format(value),
    percent: value => share.format(value),
    dollars: usd => money(usd !== 0 && Math.abs(usd) < 0.1 ? 5 : 2).format(usd),
    bytes: count => {
      const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
      return unit(UNITS[power] ?? 'byte', power > 1 ? 1 : 0).format(count / 1000 ** power);
    },
    seconds: ms => unit('second', 1).format(ms / 1000),
    dateTime: time => moment.format(new Date(time)),
    date: time => day.format(new Date(time)),
    day: text => utcDay.format(new Date(`${text}T00:00:00Z`)),
    ago: (time, now = Date.now()) => {
      const seconds = (Date.parse(time) - now) / 1000;
      const [name, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['minute', 60];
      return relative.format(Math.round(seconds / length), name);
    },
  };
}
