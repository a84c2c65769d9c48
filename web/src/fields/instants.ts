/** Instants: stored in UTC, read and typed in the time zone of the company. */

import { half, readDate } from "./dates.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** Write an instant as `2026-11-25 09:30` in `zone`. */
export function instantText(iso: string, zone: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : formatOf(zone).format(at);
}

/** Read a day and a time typed in `zone`; null when it is none. */
export function readInstant(typed: string, today: string, zone: string): string | null {
  const match = /^(.*?)(?:[\sT]+(\d{1,2}):?(\d{2}))?$/.exec(half(typed).trim());
  const day = readDate(match?.[1] ?? "", today);
  if (!day) return null;
  const [hour, minute] = [match?.[2] ?? "0", match?.[3] ?? "00"];
  const wanted = Date.parse(`${day}T${hour.padStart(2, "0")}:${minute}:00Z`);
  if (Number.isNaN(wanted)) return null;
  // The zone's offset at that time, found by asking twice: enough across every change of clocks.
  let at = wanted;
  for (let round = 0; round < 2; round++) {
    const shown = Date.parse(`${formatOf(zone).format(new Date(at)).replace(" ", "T")}:00Z`);
    at += wanted - shown;
  }
  return new Date(at).toISOString();
}
