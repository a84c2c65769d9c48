/** The shell: menu drawer, light or dark, open menus, the palette. */

import { hotkey, showKeys } from "./hotkeys.ts";
import { openPalette } from "./palette.ts";

const YEAR = 31536000;

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax`;
}

function switchTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remember("dougong_theme", root.dataset.theme);
}

function switchNarrow(): void {
  const narrow = document.body.dataset.narrow === "1" ? "0" : "1";
  document.body.dataset.narrow = narrow;
  remember("dougong_narrow", narrow);
}

const DOINGS: Record<string, () => void> = {
  theme: switchTheme,
  narrow: switchNarrow,
  drawer: () => document.body.classList.toggle("drawn"),
  palette: openPalette,
  keys: showKeys,
};

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const doing = target.closest<HTMLElement>("[data-do]")?.dataset.do;
  if (doing && doing in DOINGS) DOINGS[doing]?.();
  else if (document.body.classList.contains("drawn") && !target.closest(".side")) {
    document.body.classList.remove("drawn");
  }
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    const inside = menu.contains(target);
    if (!inside || target.closest(".sheet [data-do], .sheet a")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.body.classList.remove("drawn");
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

hotkey("ctrl+k", "key_palette", openPalette);
hotkey("?", "key_help", showKeys);
