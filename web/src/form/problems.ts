/** Problems of a document: a bar that leads to each of them, and a mark at the place itself. */

import type { Problem } from "../core/requests.ts";
import { say } from "../core/words.ts";
import type { FieldModel, FormModel } from "../fields/models.ts";
import type { LinesGrid } from "../lines/grid.ts";
import { isBlank } from "../lines/rows.ts";
import type { Header } from "./header.ts";

interface Place {
  label: string;
  go: () => void;
}

export class ProblemList {
  constructor(
    private readonly root: HTMLElement,
    private readonly header: Header,
    private readonly grids: LinesGrid[],
    private readonly model: FormModel,
  ) {}

  /** Show what typing alone has made wrong; returns whether there is anything. */
  showLocal(): boolean {
    const found: Problem[] = [];
    const add = (path: string, message: string): void => {
      found.push({ path, message, fix: "", level: "stop", code: "" });
    };
    for (const [name, message] of this.header.problems) add(name, message);
    for (const grid of this.grids) {
      grid.rows
        .filter((row) => !isBlank(row))
        .forEach((row, index) => {
          for (const [field, message] of row.problems) add(`${grid.name}.${index}.${field}`, message);
        });
    }
    if (found.length) this.show(found);
    return found.length > 0;
  }

  /** Mark what the server would refuse, only where a person has filled something in. */
  hint(problems: Problem[]): void {
    for (const name of Object.keys(this.model.fields)) {
      this.header.mark(name, this.header.problems.get(name) ?? "");
    }
    for (const grid of this.grids) for (const row of grid.rows) row.told.clear();
    for (const problem of problems) {
      const [first = "", index, name = ""] = problem.path.split(".");
      if (problem.level !== "stop") continue;
      const grid = this.grids.find((one) => one.name === first);
      const row = grid?.rows.filter((one) => !isBlank(one))[Number(index)];
      if (row?.touched.has(name)) row.told.set(name, problem.message);
      if (!grid && this.header.touched.has(first)) this.header.mark(first, problem.message);
    }
  }

  /** Show what the server refused, at its places and in the bar; the first place gets the focus. */
  show(problems: Problem[]): void {
    for (const name of Object.keys(this.model.fields)) this.header.mark(name, "");
    const places = problems.map((problem) => this.place(problem));
    this.fill("[data-problems]", "problems", problems, places, "stop");
    this.fill("[data-warnings]", "warnings", problems, places, "warn");
    for (const grid of this.grids) grid.draw();
    places.find((place) => place)?.go();
  }

  private fill(
    selector: string,
    key: string,
    problems: Problem[],
    places: (Place | null)[],
    level: Problem["level"],
  ): void {
    const bar = this.root.querySelector<HTMLElement>(selector);
    if (!bar) return;
    const list = document.createElement("ul");
    problems.forEach((problem, index) => {
      if (problem.level !== level) return;
      list.append(this.item(problem, places[index] ?? null));
    });
    bar.hidden = !list.children.length;
    const title = document.createElement("b");
    title.textContent = say(key, { n: list.children.length });
    bar.replaceChildren(title, list);
  }

  private item(problem: Problem, place: Place | null): HTMLLIElement {
    const item = document.createElement("li");
    const text = place ? `${place.label}: ${problem.message}` : problem.message;
    if (place) {
      const link = document.createElement("button");
      link.type = "button";
      link.textContent = text;
      link.addEventListener("click", place.go);
      item.append(link);
    } else item.append(text);
    if (problem.fix) {
      const fix = document.createElement("small");
      fix.textContent = ` ${problem.fix}`;
      item.append(fix);
    }
    return item;
  }

  /** Find where a problem stands, and mark it there. */
  private place(problem: Problem): Place | null {
    const [first = "", index, name] = problem.path.split(".");
    const grid = this.grids.find((one) => one.name === first);
    if (grid && index !== undefined) return this.cell(grid, Number(index), name ?? "", problem);
    const field = this.model.fields[first];
    if (grid) return { label: this.model.grids[first]?.label ?? first, go: () => grid.go(0, 0) };
    if (!field || !this.header.box(first)) return null;
    if (problem.level === "stop") this.header.mark(first, problem.message);
    return { label: field.label, go: () => this.focus(first) };
  }

  private cell(grid: LinesGrid, index: number, name: string, problem: Problem): Place {
    const row = grid.rows.filter((one) => !isBlank(one))[index];
    const columns: FieldModel[] = this.model.grids[grid.name]?.columns ?? [];
    const field = columns.find((one) => one.name === name);
    if (row && name && problem.level === "stop") row.told.set(name, problem.message);
    const at = row ? grid.rows.indexOf(row) : 0;
    const line = say("line", { n: at + 1 });
    return { label: field ? `${line} ${field.label}` : line, go: () => grid.goTo(at, name) };
  }

  private focus(name: string): void {
    const input = this.header.input(name);
    input?.closest("details")?.setAttribute("open", "");
    input?.focus();
    input?.scrollIntoView({ block: "center" });
  }
}
