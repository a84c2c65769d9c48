/** Dates as people type them: 1122, +7, -1, t, eom, 月底, 2026-11-25, 20261125, 11/25. */

const DAY = 86400000;

function toDate(iso: string): Date {
  return new Date(`${iso}T00:00:00Z`);
}

/** Write a date as ISO text. */
export function toIso(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Return the day `days` after `iso`. */
export function shifted(iso: string, days: number): string {
  return toIso(new Date(toDate(iso).getTime() + days * DAY));
}

function make(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1000 || year > 9999 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return toIso(date);
}

function monthEnd(iso: string): string {
  const date = toDate(iso);
  return toIso(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)));
}

const NAMED: Record<string, (today: string) => string> = {
  t: (today) => today,
  today: (today) => today,
  今天: (today) => today,
  今: (today) => today,
  tomorrow: (today) => shifted(today, 1),
  明天: (today) => shifted(today, 1),
  明: (today) => shifted(today, 1),
  后天: (today) => shifted(today, 2),
  yesterday: (today) => shifted(today, -1),
  昨天: (today) => shifted(today, -1),
  昨: (today) => shifted(today, -1),
  eom: monthEnd,
  月底: monthEnd,
  月末: monthEnd,
  月初: (today) => `${today.slice(0, 8)}01`,
  bom: (today) => `${today.slice(0, 8)}01`,
};

/** Read a date typed in short; `today` is ISO. Null when it is none. */
export function readDate(typed: string, today: string): string | null {
  const text = half(typed).trim().toLowerCase();
  const named = NAMED[text];
  if (named) return named(today);
  const step = /^([+-])(\d{1,4})$/.exec(text);
  if (step) return shifted(today, Number(step[2]) * (step[1] === "-" ? -1 : 1));
  const year = Number(today.slice(0, 4));
  const digits = /^\d+$/.test(text) ? text : "";
  if (digits.length === 8) return make(+digits.slice(0, 4), +digits.slice(4, 6), +digits.slice(6));
  if (digits.length === 6) return make(2000 + +digits.slice(0, 2), +digits.slice(2, 4), +digits.slice(4));
  if (digits.length === 4) return make(year, +digits.slice(0, 2), +digits.slice(2));
  if (digits.length === 3) return make(year, +digits.slice(0, 1), +digits.slice(1));
  if (digits.length && digits.length < 3) return make(year, +today.slice(5, 7), +digits);
  const parts = text.replace(/[年月]/g, "-").replace(/日$/, "").split(/[-/.\s]+/).map(Number);
  if (parts.some((part) => !Number.isInteger(part))) return null;
  const [first = 0, second = 0, third = 0] = parts;
  if (parts.length === 3) return make(first < 100 ? 2000 + first : first, second, third);
  if (parts.length === 2) return make(year, first, second);
  return null;
}

/** Turn full-width digits, signs and letters into plain ones. */
export function half(text: string): string {
  return text
    .replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[　]/g, " ")
    .replace(/[−–—]/g, "-");
}
