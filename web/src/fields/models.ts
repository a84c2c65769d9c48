/** The page models as the server writes them (platform/dougong/screens). */

export interface OptionModel {
  code: string;
  label: string;
  tone: string;
}

export interface FieldModel {
  name: string;
  path: string;
  label: string;
  type: string;
  widget: string;
  kind: string;
  hint: string;
  required: boolean;
  readonly: boolean;
  visible: boolean;
  align: "left" | "right" | "centre";
  scale: number | null;
  length: number | null;
  options: OptionModel[];
  lookup: string;
  open: string;
  formula: unknown;
  visible_when: unknown;
  required_when: unknown;
  edit_when: unknown;
  width: number;
  summed: boolean;
}

/** A value as JSON carries it: decimals and ids are text. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** The title of a link; a list of them for several links. */
export type Title = string | string[];

export interface RowModel {
  id: string;
  values: Record<string, Value>;
  titles: Record<string, Title>;
}

export interface GridModel {
  name: string;
  label: string;
  columns: FieldModel[];
  carried: FieldModel[];
  rows: RowModel[];
  min: number;
  max: number;
  readonly: boolean;
  paste: boolean;
}

export interface ActionModel {
  name: string;
  label: string;
  confirm: string;
  reason: "" | "optional" | "required";
  tone: string;
  url: string;
}

export interface FormModel {
  entity: string;
  label: string;
  id: string;
  version: number;
  title: string;
  urls: Record<string, string>;
  may: Record<string, boolean>;
  record: Record<string, Value>;
  titles: Record<string, Title>;
  fields: Record<string, FieldModel>;
  carried: FieldModel[];
  parts: { id: string; visible_when: unknown }[];
  grids: Record<string, GridModel>;
  actions: ActionModel[];
  scope: { today: string; user: string; company: string; zone: string };
}
