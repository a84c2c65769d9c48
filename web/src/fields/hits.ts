/** The list that drops from a look-up: candidates, moved through with the arrows. */

import { ask } from "../core/requests.ts";
import { say } from "../core/words.ts";

export interface Candidate {
  id: string;
  code: string;
  title: string;
}

const SPACE = 6;

/** One open list of candidates, hung under an input. */
export class Hits {
  candidates: Candidate[] = [];
  at = 0;
  readonly element = document.createElement("div");
  private readonly list = document.createElement("ul");
  private readonly note = document.createElement("p");

  constructor(
    private readonly anchor: HTMLElement,
    private readonly take: (candidate: Candidate) => void,
  ) {
    this.element.className = "hits";
    this.list.setAttribute("role", "listbox");
    this.list.id = `hits-${Math.random().toString(36).slice(2)}`;
    this.element.append(this.list, this.note);
    this.element.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const row = (event.target as HTMLElement).closest<HTMLElement>("li");
      const chosen = row ? this.candidates[Number(row.dataset.at)] : undefined;
      if (chosen) this.take(chosen);
    });
    document.body.append(this.element);
    anchor.setAttribute("aria-controls", this.list.id);
    anchor.setAttribute("aria-expanded", "true");
  }

  get chosen(): Candidate | undefined {
    return this.candidates[this.at];
  }

  show(candidates: Candidate[], note = ""): void {
    this.candidates = candidates;
    this.at = 0;
    this.note.textContent = note || say(candidates.length ? "pick_hint" : "no_hit");
    this.list.replaceChildren(...candidates.map((one, index) => this.row(one, index)));
    this.mark();
    this.place();
  }

  move(step: number): void {
    const count = this.candidates.length;
    if (!count) return;
    this.at = (this.at + step + count) % count;
    this.mark();
  }

  close(): void {
    this.element.remove();
    this.anchor.removeAttribute("aria-activedescendant");
    this.anchor.setAttribute("aria-expanded", "false");
  }

  private row(one: Candidate, index: number): HTMLLIElement {
    const row = document.createElement("li");
    row.dataset.at = String(index);
    row.id = `${this.list.id}-${index}`;
    row.setAttribute("role", "option");
    const title = document.createElement("span");
    title.textContent = one.title;
    if (one.code && !one.title.startsWith(one.code)) {
      const code = document.createElement("span");
      code.className = "code";
      code.textContent = one.code;
      row.append(code, title);
    } else {
      row.className = "plain";
      row.append(title);
    }
    return row;
  }

  private mark(): void {
    [...this.list.children].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) row.scrollIntoView({ block: "nearest" });
    });
    if (this.chosen) this.anchor.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.anchor.removeAttribute("aria-activedescendant");
  }

  private place(): void {
    placeUnder(this.element, this.anchor);
  }
}

/** Put a floating element under its anchor, or above it where there is no room. */
export function placeUnder(element: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  element.style.minWidth = `${Math.max(box.width, 240)}px`;
  const width = element.offsetWidth;
  const height = element.offsetHeight;
  const below = innerHeight - box.bottom - SPACE;
  const top = below < height && box.top > below ? box.top - height - 2 : box.bottom + 2;
  element.style.left = `${Math.max(SPACE, Math.min(box.left, innerWidth - width - SPACE))}px`;
  element.style.top = `${Math.max(SPACE, top)}px`;
}

const answers = new Map<string, Promise<Candidate[]>>();

/** Find candidates for `text`; the same question is asked once a page. */
export function findCandidates(url: string, text: string, signal?: AbortSignal): Promise<Candidate[]> {
  const address = `${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(text)}`;
  const known = answers.get(address);
  if (known) return known;
  const asked = ask<{ candidates: Candidate[] }>(address, signal).then((answer) => answer.candidates);
  answers.set(address, asked);
  asked.catch(() => answers.delete(address));
  return asked;
}
