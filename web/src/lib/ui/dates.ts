import { language } from './language.svelte.ts';

const NO_BREAK = '\u00a0';

function format(unixS: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language(), options)
    .format(new Date(unixS * 1000))
    .replace(/(\d+) (\p{L})/u, `$1${NO_BREAK}$2`);
}

/** "Tuesday 24 November, 01:12", in the reader's language and time zone. */
export function longDate(unixS: number): string {
  return format(unixS, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
}

/** "Tue 24 Nov, 01:12". */
export function shortDate(unixS: number): string {
  return format(unixS, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** "in 6 days", "3 hours ago". */
export function relativeDate(unixS: number, nowS: number): string {
  const away = unixS - nowS;
  const size = Math.abs(away);
  const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  if (size < 5400) return words.format(Math.round(away / 60), 'minute');
  if (size < 36 * 3600) return words.format(Math.round(away / 3600), 'hour');
  return words.format(Math.round(away / 86400), 'day');
}

/** Machine form for `<time datetime>`. */
export function machineDate(unixS: number): string {
  return new Date(unixS * 1000).toISOString();
}

/** "412 kB", "1.8 MB". */
export function fileSize(bytes: number): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: steps[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}
