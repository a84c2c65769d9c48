/** `<dg-ref>`: a link chosen by typing — code, name or initials; Enter takes the first hit. */

import { findCandidates, Hits, type Candidate } from "./hits.ts";
import { say } from "../core/words.ts";

export class ReferenceField extends HTMLElement {
  /** Extra query of the look-up (the values a `where` reads), asked when the list opens. */
  context: () => string = () => "";
  private hits: Hits | null = null;
  private asked: AbortController | null = null;
  private timer = 0;
  private picked = "";

  get input(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>("input:not([type=hidden])")!;
  }

  connectedCallback(): void {
    const input = this.input;
    if (!input) return;
    this.picked = input.value;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      this.plan();
    });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.settle());
    input.addEventListener("focus", () => input.select());
  }

  disconnectedCallback(): void {
    this.close();
  }

  /** Show a title without telling anyone. */
  show(title: string): void {
    this.picked = title;
    this.input.value = title;
  }

  private plan(): void {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    this.timer = window.setTimeout(() => void this.find(text), text ? 100 : 0);
  }

  private async find(text: string): Promise<void> {
    if (this.input.readOnly) return;
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const url = (this.dataset.lookup ?? "") + this.context();
      const found = await findCandidates(url, text, this.asked.signal);
      if (document.activeElement !== this.input || this.input.value.trim() !== text) return;
      this.hits ??= new Hits(this.input, (candidate) => this.pick(candidate));
      this.hits.show(found);
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.input.readOnly) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.hits) this.hits.move(event.key === "ArrowDown" ? 1 : -1);
      else void this.find("");
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (this.hits?.chosen) this.pick(this.hits.chosen);
      else if (this.input.value.trim() !== this.picked) void this.settle();
    } else if (event.key === "Escape" && this.hits) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.input.value = this.picked;
    } else if (event.key === "Tab" && this.hits?.chosen && this.input.value.trim()) {
      this.pick(this.hits.chosen);
    }
  }

  /** Leave the field: typed text that was not picked takes its one exact or first hit. */
  private async settle(): Promise<void> {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    const chosen = this.hits?.chosen;
    this.close();
    if (text === this.picked.trim()) return;
    if (!text) return this.pick({ id: "", code: "", title: "" });
    if (chosen) return this.pick(chosen);
    const found = await findCandidates((this.dataset.lookup ?? "") + this.context(), text).catch(() => []);
    const first = found[0];
    if (first) this.pick(first);
    else this.tell({ id: "", code: "", title: text }, say("not_found", { text }));
  }

  private pick(candidate: Candidate): void {
    this.show(candidate.title);
    this.close();
    this.tell(candidate, "");
  }

  private tell(candidate: Candidate, problem: string): void {
    const hidden = this.querySelector<HTMLInputElement>("input[type=hidden]");
    if (hidden) {
      hidden.value = candidate.id;
      this.closest("form")?.requestSubmit();
      this.closest("details")?.removeAttribute("open");
      return;
    }
    const detail = { ...candidate, problem };
    this.dispatchEvent(new CustomEvent("dg-pick", { bubbles: true, detail }));
  }

  private close(): void {
    this.asked?.abort();
    this.hits?.close();
    this.hits = null;
  }
}

customElements.define("dg-ref", ReferenceField);
