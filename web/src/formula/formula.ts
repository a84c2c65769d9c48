/**
 * Computes formulas in the page, exactly as the server does.
 *
 * A tree (platform/dougong/formulas/to_browser.py) becomes a function once and is run often. Numbers
 * are whole BigInts with a number of decimals, so nothing is ever rounded but where a formula says.
 * Comparisons are two-valued: `==` and `!=` take null as a value, the others are false with null.
 */

/** digits / 10^scale */
export interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

export type Value = Exact | string | boolean | null | readonly string[];
export type Tree = readonly unknown[];

/** What a formula sees: values as JSON carries them (decimals, ids and dates are text). */
export interface Sight {
  /** The value at a path; `row` is the line at hand within an aggregate, else null. */
  read(root: string, names: readonly string[], row: unknown): unknown;
  /** The lines of a set. */
  rows(name: string): readonly unknown[];
  /** The id of the record with a business key, null when there is none. */
  known(entity: string, key: string): string | null;
}

export type Computed = (sight: Sight, row: unknown) => Value;

const DIVISION_SCALE = 10;
const LOWEST = -6;
const HIGHEST = 10;
const ZERO: Exact = { digits: 0n, scale: 0 };

const powers: bigint[] = [1n];

function power(count: number): bigint {
  for (let n = powers.length; n <= count; n++) powers.push(10n ** BigInt(n));
  return powers[count] ?? 1n;
}

/** Reads `-12.50`, 7 or a BigInt; null and empty text are null. Throws on anything else. */
export function readNumber(value: unknown): Exact | null {
  if (value === null || value === undefined || value === "") return null;
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError(`not a number: ${text}`);
  const point = text.indexOf(".");
  if (point < 0) return { digits: BigInt(text), scale: 0 };
  return { digits: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** Writes a value as JSON carries it: numbers as text with all their decimals. */
export function show(value: Value): string | boolean | null | readonly string[] {
  return isNumber(value) ? showNumber(value) : value;
}

export function showNumber(number: Exact): string {
  const { digits, scale } = number;
  if (scale === 0) return String(digits);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  return `${digits < 0n ? "-" : ""}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

export function isNumber(value: unknown): value is Exact {
  return typeof value === "object" && value !== null && "digits" in value;
}

/** Brings a number to a scale: up exactly, down half away from zero. */
export function atScale(number: Exact, scale: number): Exact {
  return scale >= number.scale ? { digits: raised(number, scale), scale } : rounded(number, scale, nearest);
}

function raised(number: Exact, scale: number): bigint {
  return number.digits * power(scale - number.scale);
}

// --- arithmetic ---------------------------------------------------------------------------------

type Cut = (digits: bigint, unit: bigint) => bigint;

const absolute = (n: bigint): bigint => (n < 0n ? -n : n);

const nearest: Cut = (digits, unit) => {
  const whole = (2n * absolute(digits) + unit) / (2n * unit);
  return digits < 0n ? -whole : whole;
};
const down: Cut = (digits, unit) => {
  const whole = digits / unit;
  return digits < 0n && whole * unit !== digits ? whole - 1n : whole;
};
const up: Cut = (digits, unit) => -down(-digits, unit);

function rounded(number: Exact, places: number, cut: Cut): Exact {
  if (places >= number.scale) return number;
  const whole = cut(number.digits, power(number.scale - places));
  return places >= 0 ? { digits: whole, scale: places } : { digits: whole * power(-places), scale: 0 };
}

const roundedBy = (cut: Cut) => (number: Exact, places: Exact): Exact =>
  rounded(number, Math.min(HIGHEST, Math.max(LOWEST, Number(places.digits))), cut);

function aligned(left: Exact, right: Exact): [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  return [raised(left, scale), raised(right, scale), scale];
}

function compareNumbers(left: Exact, right: Exact): number {
  const [a, b] = aligned(left, right);
  return a < b ? -1 : a > b ? 1 : 0;
}

function added(left: Exact, right: Exact): Exact {
  const [a, b, scale] = aligned(left, right);
  return { digits: a + b, scale };
}

function divided(left: Exact, right: Exact): Exact | null {
  if (right.digits === 0n) return null;
  const shift = DIVISION_SCALE + right.scale - left.scale;
  const over = absolute(left.digits) * power(Math.max(shift, 0));
  const under = absolute(right.digits) * power(Math.max(-shift, 0));
  const whole = (2n * over + under) / (2n * under);
  return { digits: left.digits < 0n === right.digits < 0n ? whole : -whole, scale: DIVISION_SCALE };
}

function stepped(number: Exact, step: Exact): Exact | null {
  if (step.digits <= 0n) return null;
  const [a, b] = aligned(number, step);
  return { digits: up(a, b) * step.digits, scale: step.scale };
}

// --- civil days ---------------------------------------------------------------------------------

const DAY = 86_400_000;

function parts(day: string): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}

/** Days since an epoch; Date.UTC alone would read the years 0 to 99 as 1900 to 1999. */
function count(day: string): number {
  const [year, month, date] = parts(day);
  return Math.round(new Date(0).setUTCFullYear(year, month - 1, date) / DAY);
}

function dayAt(days: number): string | null {
  const at = new Date(days * DAY);
  const year = at.getUTCFullYear();
  return year >= 1 && year <= 9999 ? written(year, at.getUTCMonth() + 1, at.getUTCDate()) : null;
}

function written(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function laterDays(day: string, amount: Exact): string | null {
  const far = absolute(amount.digits) > 4_000_000n;
  return far ? null : dayAt(count(day) + Number(amount.digits));
}

function laterMonths(day: string, amount: Exact): string | null {
  if (absolute(amount.digits) > 200_000n) return null;
  const [year, month, date] = parts(day);
  const months = year * 12 + month - 1 + Number(amount.digits);
  const [toYear, toMonth] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
  if (toYear < 1 || toYear > 9999) return null;
  return written(toYear, toMonth, Math.min(date, daysOfMonth(toYear, toMonth)));
}

const weekday = (day: string): number => ((((count(day) + 3) % 7) + 7) % 7) + 1;
const whole = (n: number): Exact => ({ digits: BigInt(n), scale: 0 });

type One = (value: never) => Value;

/** Null where the argument is null. */
const ofOne: Readonly<Record<string, One>> = {
  neg: (of: Exact) => ({ digits: -of.digits, scale: of.scale }),
  abs: (of: Exact) => ({ digits: absolute(of.digits), scale: of.scale }),
  year: (day: string) => `${day.slice(0, 4)}-01-01`,
  quarter: (day: string) => {
    const [year, month] = parts(day);
    return written(year, Math.floor((month - 1) / 3) * 3 + 1, 1);
  },
  month: (day: string) => `${day.slice(0, 7)}-01`,
  week: (day: string) => dayAt(count(day) + 1 - weekday(day)),
  month_end: (day: string) => {
    const [year, month] = parts(day);
    return written(year, month, daysOfMonth(year, month));
  },
  year_no: (day: string) => whole(parts(day)[0]),
  month_no: (day: string) => whole(parts(day)[1]),
  weekday: (day: string) => whole(weekday(day)),
};

// --- comparing ----------------------------------------------------------------------------------

function compare(left: Value, right: Value): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  const [a, b] = [left as string, right as string];
  return a < b ? -1 : a > b ? 1 : 0;
}

function same(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  return isNumber(left) && isNumber(right) ? compareNumbers(left, right) === 0 : left === right;
}

const holds: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  "==": same,
  "!=": (left, right) => !same(left, right),
  "<": (left, right) => left !== null && right !== null && compare(left, right) < 0,
  "<=": (left, right) => left !== null && right !== null && compare(left, right) <= 0,
  ">": (left, right) => left !== null && right !== null && compare(left, right) > 0,
  ">=": (left, right) => left !== null && right !== null && compare(left, right) >= 0,
};

/** The smallest (sign -1) or greatest (sign 1) of what is not null. */
function extreme(values: Iterable<Value>, sign: number): Value {
  let found: Value = null;
  for (const value of values) {
    if (value !== null && (found === null || compare(value, found) * sign > 0)) found = value;
  }
  return found;
}

// --- trees to functions -------------------------------------------------------------------------

type Two = (left: never, right: never) => Value;

/** Null where an argument is null. */
const strict: Readonly<Record<string, Two>> = {
  "+": added,
  "-": (left: Exact, right: Exact) => added(left, { digits: -right.digits, scale: right.scale }),
  "*": (left: Exact, right: Exact) => ({ digits: left.digits * right.digits, scale: left.scale + right.scale }),
  "/": divided,
  round: roundedBy(nearest),
  floor: roundedBy(down),
  ceil: roundedBy(up),
  ceil_to: stepped,
  days: laterDays,
  months: laterMonths,
  between: (left: string, right: string) => whole(count(left) - count(right)),
};

/** Turns a tree into a function. Throws on a tree it does not know. */
export function compile(tree: Tree): Computed {
  const [operator, ...rest] = tree as [string, ...unknown[]];
  if (Object.hasOwn(builders, operator)) return builders[operator]!(rest);
  if (Object.hasOwn(strict, operator)) return compileStrict(strict[operator]!, rest);
  if (Object.hasOwn(ofOne, operator)) return compileOne(ofOne[operator]!, rest);
  throw new TypeError(`unknown operator ${operator}`);
}

const compileAll = (rest: Tree): Computed[] => (rest as Tree[]).map(compile);
const compileTwo = (rest: Tree): [Computed, Computed] => [compile(rest[0] as Tree), compile(rest[1] as Tree)];

function compileOne(run: One, rest: Tree): Computed {
  const of = compile(rest[0] as Tree);
  return (sight, row) => {
    const value = of(sight, row);
    return value === null ? null : run(value as never);
  };
}

function compileStrict(run: Two, rest: Tree): Computed {
  const [left, right] = compileTwo(rest);
  return (sight, row) => {
    const a = left(sight, row);
    const b = right(sight, row);
    return a === null || b === null ? null : run(a as never, b as never);
  };
}

function textTest(test: (text: string, part: string) => boolean): (rest: Tree) => Computed {
  return (rest) => {
    const [text, part] = compileTwo(rest);
    return (sight, row) => {
      const [a, b] = [text(sight, row), part(sight, row)];
      return a !== null && b !== null && test(a as string, b as string);
    };
  };
}

function overLines(run: (values: Value[]) => Value): (rest: Tree) => Computed {
  return (rest) => {
    const [rows, of, where] = rest as [string, Tree, Tree | null];
    const value = compile(of);
    const condition = where && compile(where);
    return (sight) => {
      const lines = sight.rows(rows);
      const kept = condition ? lines.filter((line) => condition(sight, line) === true) : lines;
      return run(kept.map((line) => value(sight, line)));
    };
  };
}

function total(values: Value[]): Exact {
  return (values.filter((value) => value !== null) as Exact[]).reduce(added, ZERO);
}

const builders: Readonly<Record<string, (rest: Tree) => Computed>> = {
  n: ([text]) => constant(readNumber(text)),
  t: ([text]) => constant(text as string),
  b: ([value]) => constant(value as boolean),
  null: () => constant(null),
  known: ([entity, key]) => (sight) => sight.known(entity as string, key as string) ?? "0",
  p: ([root, names, kind]) => {
    const [from, path] = [root as string, names as string[]];
    if (kind === "number") return (sight, row) => readNumber(sight.read(from, path, row));
    return (sight, row) => {
      const value = sight.read(from, path, row) as Value | undefined;
      return value === undefined || value === "" ? null : value;
    };
  },
  "&": (rest) => {
    const [left, right] = compileTwo(rest);
    return (sight, row) => `${left(sight, row) ?? ""}${right(sight, row) ?? ""}`;
  },
  cmp: ([signs, ...rest]) => {
    const [tests, operands] = [(signs as string[]).map((sign) => holds[sign]!), compileAll(rest)];
    return (sight, row) => {
      const values = operands.map((operand) => operand(sight, row));
      return tests.every((test, n) => test(values[n]!, values[n + 1]!));
    };
  },
  in: (rest) => {
    const operand = compile(rest[0] as Tree);
    const options = compileAll(rest.slice(1));
    return (sight, row) => {
      const value = operand(sight, row);
      return options.some((option) => same(value, option(sight, row)));
    };
  },
  within: (rest) => {
    const [operand, many] = compileTwo(rest);
    return (sight, row) => {
      const value = operand(sight, row);
      return value !== null && ((many(sight, row) ?? []) as string[]).includes(value as string);
    };
  },
  and: (rest) => {
    const parts = compileAll(rest);
    return (sight, row) => parts.every((part) => part(sight, row) === true);
  },
  or: (rest) => {
    const parts = compileAll(rest);
    return (sight, row) => parts.some((part) => part(sight, row) === true);
  },
  not: ([of]) => {
    const part = compile(of as Tree);
    return (sight, row) => part(sight, row) !== true;
  },
  if: (rest) => {
    const condition = compile(rest[0] as Tree);
    const [one, other] = compileTwo(rest.slice(1));
    return (sight, row) => (condition(sight, row) === true ? one : other)(sight, row);
  },
  coalesce: (rest) => {
    const parts = compileAll(rest);
    return (sight, row) => {
      for (const part of parts) {
        const value = part(sight, row);
        if (value !== null) return value;
      }
      return null;
    };
  },
  min: (rest) => {
    const parts = compileAll(rest);
    return (sight, row) => extreme(parts.map((part) => part(sight, row)), -1);
  },
  max: (rest) => {
    const parts = compileAll(rest);
    return (sight, row) => extreme(parts.map((part) => part(sight, row)), 1);
  },
  contains: textTest((text, part) => text.includes(part)),
  starts_with: textTest((text, part) => text.startsWith(part)),
  sum: overLines(total),
  count: overLines((values) => whole(values.length)),
  avg: overLines((values) => {
    const known = values.filter((value) => value !== null);
    return divided(total(known), whole(known.length));
  }),
  least: overLines((values) => extreme(values, -1)),
  greatest: overLines((values) => extreme(values, 1)),
  all: overLines((values) => values.every((value) => value === true)),
  any: overLines((values) => values.some((value) => value === true)),
};

function constant(value: Value): Computed {
  return () => value;
}
