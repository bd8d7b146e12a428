// One thing after the other, so that quick fingers get what they typed; and what went wrong, said loudly.

import { find, make } from "./dom.js";

let chain = Promise.resolve();
let turn = 0; // goes up when something fails: what was typed ahead of the failure is then dropped
let waiting = 0;
let onFailure = (error) => alertAbout(error.message, alertButton("Sluiten", () => alertAbout("")));

/** Whether something is still to be done. */
export const busy = () => waiting > 0;

/** Have `told(error)` called where an action fails; it returns false to leave the telling to this module. */
export function tellFailures(told) {
  const plain = onFailure;
  onFailure = (error) => told(error) || plain(error);
}

/** Do `work` after all that was asked before. */
export function later(work) {
  const mine = turn;
  waiting++;
  chain = chain
    .then(() => (mine === turn ? work() : undefined))
    .catch((error) => {
      turn++;
      onFailure(error);
    })
    .finally(() => { waiting--; });
  return chain;
}

/** Show a red bar with what went wrong; no text takes it away. */
export function alertAbout(text, ...buttons) {
  find("alert").replaceChildren(...(text ? [text, ...buttons] : []));
}

export const alertButton = (label, work) => make("button", { type: "button", onclick: work }, label);
