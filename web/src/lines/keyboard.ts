/** Keys of the grid: from a key to the name of what it does. */

export type Mode = "resting" | "typing" | "editing";

export type Command =
  | "next"
  | "previous"
  | "right"
  | "left"
  | "up"
  | "down"
  | "home"
  | "end"
  | "top"
  | "bottom"
  | "edit"
  | "escape"
  | "add"
  | "insert"
  | "remove"
  | "clear"
  | "fill"
  | "undo"
  | "redo"
  | "toggle";

const PLAIN: Record<string, Command> = {
  enter: "next",
  "shift+enter": "previous",
  tab: "right",
  "shift+tab": "left",
  arrowup: "up",
  arrowdown: "down",
  f2: "edit",
  escape: "escape",
  "ctrl+enter": "add",
  insert: "insert",
  "ctrl+delete": "remove",
  "ctrl+backspace": "remove",
  "ctrl+d": "fill",
  "ctrl+home": "top",
  "ctrl+end": "bottom",
};

/** Keys that belong to the text while something is being typed. */
const AT_REST: Record<string, Command> = {
  arrowleft: "left",
  arrowright: "right",
  home: "home",
  end: "end",
  delete: "clear",
  backspace: "clear",
  "ctrl+z": "undo",
  "ctrl+y": "redo",
  "ctrl+shift+z": "redo",
  space: "toggle",
};

/** Return what a key does in a mode; nothing while an input method is composing. */
export function commandOf(event: KeyboardEvent, mode: Mode): Command | undefined {
  if (event.isComposing || event.keyCode === 229 || event.altKey) return undefined;
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  const keys = [
    event.ctrlKey || event.metaKey ? "ctrl+" : "",
    event.shiftKey ? "shift+" : "",
    name,
  ].join("");
  if (keys in PLAIN) return PLAIN[keys];
  return mode === "resting" ? AT_REST[keys] : undefined;
}
