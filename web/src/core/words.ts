/** What the page knows of itself: texts, addresses, who is signed in. */

export interface Shell {
  base: string;
  language: string;
  csrf: string;
  words: Record<string, string>;
  icons: string;
  zone: string;
  menu: { label: string; url: string; group: string }[];
}

function readShell(): Shell {
  const island = document.getElementById("shell");
  if (!island?.textContent) throw new Error("the page carries no shell");
  return JSON.parse(island.textContent) as Shell;
}

export const shell: Shell = readShell();

/** Return the text `key` with its {placeholders} filled. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  const text = shell.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
