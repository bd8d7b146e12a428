// Texts that were typed about what is not there any more: shown, to be copied, until she lets them go.

import { find, make } from "./dom.js";
import { alertButton } from "./later.js";
import { state } from "./state.js";

/** What was typed, in a field to copy it from. */
export const typedField = (text) => make("textarea", { readonly: true, rows: 2, "aria-label": "Wat je typte" }, text);

/** Show all of them. */
export function showLost() {
  const inside = find("lost").contains(document.activeElement);
  find("lost").replaceChildren(...state.lost.map((text) => make("div", {},
    `NIET OPGESLAGEN: ${text.name}. ${text.why} Kopieer wat je typte, als je het wilt houden.`,
    typedField(text.typed), alertButton("Weggooien", () => letGo(text)))));
  if (inside) find("fragment").focus({ preventScroll: true });
}

function letGo(text) {
  state.lost = state.lost.filter((other) => other !== text);
  showLost();
}
