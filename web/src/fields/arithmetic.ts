/** Sums typed into number fields (`=12*3.5`), exact: fractions of whole numbers of any length. */

interface Fraction {
  over: bigint;
  under: bigint;
}

const OPERATORS = /[-+*/()]/;

function fraction(text: string): Fraction | null {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match || text === "" || text === ".") return null;
  const decimals = match[2] ?? "";
  return { over: BigInt(`${match[1] ?? ""}${decimals}` || "0"), under: 10n ** BigInt(decimals.length) };
}

/** Work a sum out; null when it is none or divides by zero. */
export function calculate(text: string): Fraction | null {
  const tokens = text.match(/[\d.]+|[-+*/()]/g) ?? [];
  if (tokens.join("") !== text.replace(/\s/g, "")) return null;
  let at = 0;
  const factor = (): Fraction | null => {
    const token = tokens[at++];
    if (token === undefined) return null;
    if (token === "-") {
      const inner = factor();
      return inner && { over: -inner.over, under: inner.under };
    }
    if (token === "(") {
      const inner = sum();
      return tokens[at++] === ")" ? inner : null;
    }
    return OPERATORS.test(token) ? null : fraction(token);
  };
  const product = (): Fraction | null => {
    let left = factor();
    while (left && (tokens[at] === "*" || tokens[at] === "/")) {
      const divides = tokens[at++] === "/";
      const right = factor();
      if (!right || (divides && right.over === 0n)) return null;
      const sign = divides && right.over < 0n ? -1n : 1n;
      left = divides
        ? { over: left.over * right.under * sign, under: left.under * right.over * sign }
        : { over: left.over * right.over, under: left.under * right.under };
    }
    return left;
  };
  const sum = (): Fraction | null => {
    let left = product();
    while (left && (tokens[at] === "+" || tokens[at] === "-")) {
      const sign = tokens[at++] === "-" ? -1n : 1n;
      const right = product();
      if (!right) return null;
      left = {
        over: left.over * right.under + sign * right.over * left.under,
        under: left.under * right.under,
      };
    }
    return left;
  };
  const result = sum();
  return at === tokens.length ? result : null;
}

/** Write a fraction with exactly `scale` decimals, halves away from zero. */
export function rounded(value: Fraction, scale: number): string {
  const negative = value.over < 0n;
  const over = (negative ? -value.over : value.over) * 10n ** BigInt(scale);
  const units = (over * 2n + value.under) / (value.under * 2n);
  const digits = units.toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const text = scale ? `${whole}.${digits.slice(-scale)}` : whole;
  return negative && units !== 0n ? `-${text}` : text;
}
