/** Formulas at work in the page. */
import type { FormModel } from "../fields/models.ts";
import type { LinesGrid } from "../lines/grid.ts";
import type { Header } from "./header.ts";

export interface State {
  model: FormModel;
  header: Header;
  grids: LinesGrid[];
}

export function compute(_state: State): void {}
