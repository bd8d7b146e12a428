// One thing after the other, so that quick fingers get what they typed; and what went wrong, said loudly.

import { find, make } from "./dom.js";

let chain = Promise.resolve();
let turn = 0; // goes up when something fails, or is renewed: what was typed ahead of that is then dropped
let waiting = 0;
let onFailure = (error) => alertAbout(error.message, alertButton("Sluiten", () => alertAbout("")));

/** Whether something is still to be done. */
export const busy = () => waiting > 0;

/** Have `told(error)` called where an action fails; it returns false to leave the telling to this module. */
export function tellFailures(told) {
  const plain = onFailure;
  onFailure = (error) => told(error) || plain(error);
}

/** Do `work` after all that was asked before; with `surely`, also when that failed: text that was typed is never lost. */
export function later(work, surely = false) {
  const mine = turn;
  waiting++;
  chain = chain
    .then(() => (surely || mine === turn ? work() : undefined))
    .catch((error) => {
      dropTypedAhead();
      onFailure(error);
    })
    .finally(() => { waiting--; });
  return chain;
}

/** Drop what was asked and not begun: it was meant for what was shown then. */
export function dropTypedAhead() {
  turn++;
}

/** Show a red bar with what went wrong; no text takes it away. */
export function alertAbout(text, ...buttons) {
  const inside = find("alert").contains(document.activeElement);
  find("alert").replaceChildren(...(text ? [text, ...buttons] : []));
  if (inside) find("fragment").focus({ preventScroll: true });
}

export const alertButton = (label, work) => make("button", { type: "button", onclick: work }, label);
