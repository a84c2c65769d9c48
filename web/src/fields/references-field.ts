/** `<dg-refs>`: several links, each a chip that can be taken away; typing adds one. */

import { say } from "../core/words.ts";
import type { Candidate } from "./hits.ts";
import type { ReferenceField } from "./reference-field.ts";

export class ReferencesField extends HTMLElement {
  private get reference(): ReferenceField | null {
    return this.querySelector<ReferenceField>("dg-ref");
  }

  connectedCallback(): void {
    const reference = this.reference;
    for (const chip of this.querySelectorAll<HTMLElement>(".chip")) this.closable(chip);
    reference?.addEventListener("dg-pick", (event) => {
      event.stopPropagation();
      const { id, title, problem } = (event as CustomEvent<Candidate & { problem: string }>).detail;
      if (problem) return this.tell(problem);
      if (id) this.add(id, title);
      reference.show("");
    });
  }

  /** Show these records without telling anyone. */
  show(ids: string[], titles: string[]): void {
    for (const chip of this.querySelectorAll(".chip")) chip.remove();
    ids.forEach((id, index) => this.append_(id, titles[index] ?? id));
  }

  private get chips(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".chip")];
  }

  private add(id: string, title: string): void {
    if (this.chips.some((chip) => chip.dataset.id === id)) return;
    this.append_(id, title);
    this.tell("");
  }

  private append_(id: string, title: string): void {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.dataset.id = id;
    const text = document.createElement("span");
    text.textContent = title;
    chip.append(text);
    this.insertBefore(chip, this.reference);
    this.closable(chip);
  }

  private closable(chip: HTMLElement): void {
    if (!this.reference) return;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", say("take_away", { title: chip.textContent ?? "" }));
    close.addEventListener("click", () => {
      chip.remove();
      this.tell("");
    });
    chip.append(close);
  }

  private tell(problem: string): void {
    const ids = this.chips.map((chip) => chip.dataset.id ?? "");
    const titles = this.chips.map((chip) => chip.querySelector("span")?.textContent ?? "");
    this.dispatchEvent(new CustomEvent("dg-many", { bubbles: true, detail: { ids, titles, problem } }));
  }
}

customElements.define("dg-refs", ReferencesField);
