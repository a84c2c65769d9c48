/** Keys: one table of what is active here; `?` shows it. Bare letters never act inside inputs. */

import { openDialog } from "./dialog.ts";
import { say } from "./words.ts";

export interface Hotkey {
  keys: string;
  label: string;
  act: (event: KeyboardEvent) => void;
  when?: () => boolean;
}

const known: Hotkey[] = [];
const told: { keys: string; label: string }[] = [];

/** Register a key such as `ctrl+s`, `n` or `?`; `label` stands in the list of keys. */
export function hotkey(keys: string, label: string, act: Hotkey["act"], when?: Hotkey["when"]): void {
  known.push({ keys, label, act, when });
}

/** Mention keys that an element handles itself. */
export function mentionKeys(rows: [keys: string, label: string][]): void {
  for (const [keys, label] of rows) {
    if (!told.some((row) => row.keys === keys)) told.push({ keys, label });
  }
}

function pressed(event: KeyboardEvent): string {
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  if (event.shiftKey && name.length > 1) parts.push("shift");
  return [...parts, name].join("+");
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea") ||
      target.isContentEditable)
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const keys = pressed(event);
  const bare = !keys.includes("+") || keys.startsWith("shift+");
  if (bare && typing(event.target)) return;
  const found = known.find((one) => one.keys === keys && (!one.when || one.when()));
  if (!found) return;
  event.preventDefault();
  found.act(event);
}

/** Show every key that is active here. */
export function showKeys(): void {
  const rows = [
    ...known.filter((one) => one.label && (!one.when || one.when())),
    ...(document.querySelector("dg-lines") ? told : []),
  ];
  const list = document.createElement("div");
  list.className = "key-list";
  for (const row of rows) {
    const keys = document.createElement("span");
    for (const part of row.keys.split(" / ")) {
      const key = document.createElement("kbd");
      key.textContent = part.replace(/(^|\+)([a-z])/g, (_, plus: string, letter: string) => plus + letter.toUpperCase());
      keys.append(key, " ");
    }
    const label = document.createElement("span");
    label.textContent = say(row.label);
    list.append(keys, label);
  }
  openDialog(say("keys"), list);
}

document.addEventListener("keydown", onKey);
