/** Values and their texts, by the type of the field: what a person reads, what a person typed. */

import { say, shell } from "../core/words.ts";
import { calculate, rounded } from "./arithmetic.ts";
import { half, readDate } from "./dates.ts";
import { instantText, readInstant } from "./instants.ts";
import type { FieldModel, Title, Value } from "./models.ts";

/** A plain decimal; anything else in a number field is what somebody typed by mistake. */
export const NUMBER = /^-?\d+(\.\d+)?$/;

const MONEY = new Set(["money", "price"]);

/** Put thousands separators into a plain decimal and drop idle zeros after `least` decimals. */
export function grouped(plain: string, least: number): string {
  const [whole = "", decimals = ""] = plain.split(".");
  const kept = decimals.replace(/0+$/, "").padEnd(least, "0");
  const sign = whole.startsWith("-") ? "-" : "";
  const digits = whole.replace("-", "").replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${sign}${digits}${kept ? `.${kept}` : ""}`;
}

/** Move the point of a plain decimal by `places` to the right (negative: to the left), exactly. */
export function movePoint(plain: string, places: number): string {
  const negative = plain.startsWith("-");
  const [whole = "", decimals = ""] = plain.replace("-", "").split(".");
  const digits = whole + decimals;
  const point = whole.length + places;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const right = padded.slice(at).replace(/0+$/, "");
  const text = right ? `${left}.${right}` : left;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

function numberText(field: FieldModel, plain: string): string {
  if (!NUMBER.test(plain)) return plain;
  if (field.type === "percent") return `${grouped(movePoint(plain, 2), 0)}%`;
  return grouped(plain, MONEY.has(field.type) ? Math.min(2, field.scale ?? 2) : 0);
}

/** Write a value as a person reads it; links need their title. */
export function valueText(field: FieldModel, value: Value | undefined, title: Title = ""): string {
  if (value === null || value === undefined || value === "") return "";
  switch (field.widget) {
    case "number":
      return numberText(field, String(value));
    case "boolean":
      return value ? say("yes") : say("no");
    case "choice":
      return field.options.find((option) => option.code === value)?.label ?? String(value);
    case "link":
    case "links":
      return (Array.isArray(title) ? title.join("、") : title) || String(value);
    case "time":
      return String(value).slice(0, 5);
    case "datetime":
      return instantText(String(value), shell.zone);
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}

/** What was typed, read: a value, or why it is none. */
export type Read = { value: Value } | { problem: string };

/** Read a number: thousands separators, full-width digits, a sum after `=`, a percent sign. */
export function readNumber(field: FieldModel, typed: string): Read {
  const text = half(typed).replace(/[,，\s¥￥$€%]/g, "");
  if (!text) return { value: null };
  const sum = text.startsWith("=") || text.startsWith("+") ? text.slice(1) : text;
  const result = calculate(sum);
  if (!result || (sum === text && !/^-?[\d.]+$/.test(text))) {
    return { problem: say("not_a_number", { text: typed.trim() }) };
  }
  const exact = field.type === "percent" ? { over: result.over, under: result.under * 100n } : result;
  const plain = rounded(exact, field.type === "integer" ? 0 : (field.scale ?? 6));
  return { value: field.type === "integer" || field.kind === "integer" ? Number(plain) : plain };
}

function readTime(typed: string): Read {
  const match = /^(\d{1,2})[:：]?(\d{2})?$/.exec(half(typed).trim());
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2] ?? 0)];
  if (!match || hour > 23 || minute > 59) return { problem: say("not_a_time", { text: typed }) };
  return { value: `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00` };
}

const YES = new Set(["1", "y", "yes", "true", "是", "√", "✓", "x"]);
const NO = new Set(["0", "n", "no", "false", "否", "×"]);

/** Read what a person typed into a field that is no link; `today` is ISO. */
export function readTyped(field: FieldModel, typed: string, today: string): Read {
  const text = typed.trim();
  if (!text) return { value: null };
  switch (field.widget) {
    case "number":
      return readNumber(field, text);
    case "date": {
      const date = readDate(text, today);
      return date ? { value: date } : { problem: say("not_a_date", { text }) };
    }
    case "datetime": {
      const instant = readInstant(text, today, shell.zone);
      return instant ? { value: instant } : { problem: say("not_a_date", { text }) };
    }
    case "time":
      return readTime(text);
    case "boolean": {
      const said = text.toLowerCase();
      if (YES.has(said) || text === say("yes")) return { value: true };
      if (NO.has(said) || text === say("no")) return { value: false };
      return { problem: say("not_option", { text }) };
    }
    case "choice": {
      const found =
        field.options.find((option) => option.code === text || option.label === text) ??
        field.options.find((option) => option.label.toLowerCase().startsWith(text.toLowerCase()));
      return found ? { value: found.code } : { problem: say("not_option", { text }) };
    }
    default:
      return { value: field.widget === "area" ? typed : text };
  }
}
