/** The palette: one box that finds menus and records. */

import { ask } from "./requests.ts";
import { say, shell } from "./words.ts";

interface Hit {
  title: string;
  label: string;
  url: string;
}

/** Open the palette over the page. */
export function openPalette(): void {
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "high";
  dialog.setAttribute("aria-label", say("key_palette"));
  const input = document.createElement("input");
  input.className = "palette-input";
  input.placeholder = say("palette");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", "palette-hits");
  input.setAttribute("aria-label", say("palette"));
  const list = document.createElement("ul");
  list.id = "palette-hits";
  list.className = "palette-hits";
  list.setAttribute("role", "listbox");
  dialog.append(input, list);
  document.body.append(dialog);

  let hits: Hit[] = [];
  let at = 0;
  let asked: AbortController | undefined;
  let timer = 0;

  const show = (): void => {
    list.replaceChildren(
      ...hits.map((hit, index) => {
        const row = document.createElement("li");
        row.id = `palette-${index}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", String(index === at));
        const title = document.createElement("span");
        title.textContent = hit.title;
        const label = document.createElement("span");
        label.className = "quiet";
        label.textContent = hit.label;
        row.append(title, label);
        row.addEventListener("click", () => location.assign(hit.url));
        return row;
      }),
    );
    input.setAttribute("aria-activedescendant", hits.length ? `palette-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const menus = (text: string): Hit[] =>
    shell.menu
      .filter((entry) => `${entry.label} ${entry.group}`.toLowerCase().includes(text.toLowerCase()))
      .map((entry) => ({ title: entry.label, label: entry.group || say("palette_menu"), url: entry.url }));
  const find = async (text: string): Promise<void> => {
    asked?.abort();
    hits = menus(text);
    at = 0;
    show();
    if (text.trim().length < 2) return;
    asked = new AbortController();
    const url = `${shell.base}/find?q=${encodeURIComponent(text.trim())}`;
    const found = await ask<{ hits: Hit[] }>(url, asked.signal).catch(() => ({ hits: [] }));
    if (input.value !== text) return;
    hits = [...menus(text), ...found.hits];
    show();
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void find(input.value), 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && hits.length) {
      event.preventDefault();
      at = (at + step + hits.length) % hits.length;
      show();
    }
    const hit = hits[at];
    if (event.key === "Enter" && hit) location.assign(hit.url);
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.showModal();
  void find("");
}
