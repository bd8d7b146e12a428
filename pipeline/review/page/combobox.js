// Adding a code by typing: a text field with a list under it, after the ARIA pattern for a combobox.

import { find, make } from "./dom.js";
import { findCodes } from "./match.js";

const SHOWN = 60;
let options = []; // codes, and at the end the words typed when a new code can be made of them
let active = -1;

/** Make the field work. `given()` has the codes, whether one can be added, and `has(id)`: whether the segment carries
 * a code already; `choose(code)`, `create(name)` and `leave()` are called by what the researcher does. */
export function startCombobox(given, choose, create, leave) {
  const field = find("add");

  function show() {
    const { codes, canAdd, has } = given();
    const typed = field.value.trim();
    options = findCodes(codes, typed).slice(0, SHOWN);
    const exact = options.some((code) => code.name.toLowerCase() === typed.toLowerCase());
    if (canAdd && typed && !exact) options = [...options, { create: typed }];
    active = options.length && typed ? 0 : -1;
    find("options").replaceChildren(...options.map((option, place) => optionRow(option, place, has)));
    open(options.length > 0);
    mark();
  }

  function optionRow(option, place, has) {
    const content = option.create
      ? [make("b", {}, `Nieuwe open code: ${option.create}`)]
      : [make("b", {}, option.name), has(option.id) ? make("i", {}, "gegeven") : "", make("small", {}, `${option.variable} › ${option.dimension}`)];
    return make("li", {
      id: `option-${place}`, role: "option", "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); active = place; pick(); },
    }, ...content);
  }

  function mark() {
    [...find("options").children].forEach((row, place) => row.setAttribute("aria-selected", String(place === active)));
    const row = find("options").children[active];
    if (row) field.setAttribute("aria-activedescendant", row.id);
    else field.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
    find("option-about").textContent = options[active]?.definition ?? "";
  }

  function open(is) {
    find("options").hidden = !is;
    field.setAttribute("aria-expanded", String(is));
    if (!is) find("option-about").textContent = "";
  }

  function pick() {
    const option = options[active];
    if (!option) return;
    field.value = "";
    open(false);
    if (option.create) create(option.create);
    else choose(option);
  }

  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  field.addEventListener("input", show);
  field.addEventListener("focus", show);
  field.addEventListener("blur", () => open(false));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key in moves) {
      if (find("options").hidden) show();
      active = options.length ? Math.max(0, Math.min(options.length - 1, active + moves[event.key])) : -1;
      mark();
    } else if (event.key === "Enter") {
      pick();
    } else if (event.key === "Escape") {
      field.value = "";
      open(false);
      leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
