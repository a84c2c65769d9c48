/** `<dg-date>`: a date typed in short or picked from a calendar; always shown as 2026-11-25. */

import { say, shell } from "../core/words.ts";
import { readDate, shifted, toIso } from "./dates.ts";
import { placeUnder } from "./hits.ts";

function localToday(): string {
  const now = new Date();
  return toIso(new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())));
}

export class DateField extends HTMLElement {
  /** The civil day of the company, ISO; the document sets it. */
  today = localToday();
  private calendar: HTMLElement | null = null;
  private readonly outside = (event: Event): void => {
    const target = event.target as Node;
    if (!this.contains(target) && !this.calendar?.contains(target)) this.close();
  };

  get input(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>("input")!;
  }

  connectedCallback(): void {
    const input = this.input;
    if (!input || input.readOnly || this.querySelector("button")) return;
    const open = document.createElement("button");
    open.type = "button";
    open.className = "aside";
    open.tabIndex = -1;
    open.title = say("calendar");
    open.setAttribute("aria-label", say("calendar"));
    open.innerHTML = `<svg class="i" aria-hidden="true"><use href="${shell.icons}#calendar"></use></svg>`;
    open.addEventListener("click", () => (this.calendar ? this.close() : this.open(input.value)));
    this.append(open);
    input.addEventListener("focus", () => input.select());
    // Capture: the text is made whole before anyone else hears of the change.
    this.addEventListener("change", () => this.read(), { capture: true });
    this.addEventListener(
      "input",
      (event) => {
        if (this.closest("form.filters")) event.stopPropagation();
      },
      { capture: true },
    );
    input.addEventListener("keydown", (event) => this.key(event));
  }

  disconnectedCallback(): void {
    this.close();
  }

  private read(): void {
    const iso = readDate(this.input.value, this.today);
    if (iso) this.input.value = iso;
    this.closest<HTMLFormElement>("form.filters")?.requestSubmit();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" && event.altKey) this.open(this.input.value);
    if (event.key === "Escape" && this.calendar) {
      event.stopPropagation();
      this.close();
    }
    if (event.key === "Enter" && !event.ctrlKey) this.read();
  }

  private open(value: string): void {
    this.close();
    this.calendar = document.createElement("div");
    this.calendar.className = "calendar";
    document.body.append(this.calendar);
    this.draw(readDate(value, this.today) ?? this.today, readDate(value, this.today));
    document.addEventListener("pointerdown", this.outside);
  }

  private draw(shown: string, chosen: string | null): void {
    const calendar = this.calendar;
    if (!calendar) return;
    const head = document.createElement("header");
    const title = document.createElement("span");
    title.textContent = say("month", { year: shown.slice(0, 4), month: Number(shown.slice(5, 7)) });
    const step = (icon: string, label: string, months: number): HTMLButtonElement => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "icon-button";
      made.setAttribute("aria-label", label);
      made.innerHTML = `<svg class="i" aria-hidden="true"><use href="${shell.icons}#${icon}"></use></svg>`;
      made.addEventListener("click", () => {
        const year = Number(shown.slice(0, 4));
        const month = Number(shown.slice(5, 7)) - 1 + months;
        this.draw(toIso(new Date(Date.UTC(year, month, 1))), chosen);
      });
      return made;
    };
    head.append(
      step("chevron-left", say("previous_month"), -1),
      title,
      step("chevron-right", say("next_month"), 1),
    );
    const days = document.createElement("div");
    days.className = "days";
    for (const name of say("weekdays")) {
      const cell = document.createElement("span");
      cell.textContent = name;
      days.append(cell);
    }
    const first = `${shown.slice(0, 8)}01`;
    const offset = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
    for (let index = 0; index < 42; index++) {
      const iso = shifted(first, index - offset);
      if (index >= 35 && iso.slice(0, 7) !== shown.slice(0, 7)) break;
      const day = document.createElement("button");
      day.type = "button";
      day.textContent = String(Number(iso.slice(8)));
      day.title = iso;
      if (iso.slice(0, 7) !== shown.slice(0, 7)) day.classList.add("other");
      if (iso === this.today) day.classList.add("today");
      if (iso === chosen) day.classList.add("chosen");
      day.addEventListener("click", () => this.choose(iso));
      days.append(day);
    }
    calendar.replaceChildren(head, days);
    placeUnder(calendar, this.input);
  }

  private choose(iso: string): void {
    this.close();
    this.input.value = iso;
    this.input.focus();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private close(): void {
    document.removeEventListener("pointerdown", this.outside);
    this.calendar?.remove();
    this.calendar = null;
  }
}

customElements.define("dg-date", DateField);
