// The second half of why: passages in which the code was validated and that resemble the segment in hand.

import { ask } from "./api.js";
import { find, hide, make, say } from "./dom.js";
import { draw, renewed, take } from "./loading.js";
import { clock } from "./match.js";
import { inHand, nameOf, state } from "./state.js";
import { rowsOf } from "./steps.js";

/** A line under the words of a suggestion that opens, and what it opens. */
export function alikeBlock(view, row, place, name) {
  const shown = view.alike?.code === row.code ? view.alike : null;
  const press = make("button", {
    type: "button", class: "alike", "data-action": "alike", "data-row": place, "aria-expanded": String(Boolean(shown)),
    "aria-controls": shown && "alike", "aria-label": `Lijkt op: passages met ${name}`, onclick: () => view.act("alike", place),
  }, shown ? "Lijkt op" : "Lijkt op …", make("kbd", {}, "l"));
  return make("div", { class: "alike-block" }, press, shown ? listed(view, shown, name) : "");
}

function listed(view, shown, name) {
  const { passages, examples } = shown;
  if (!passages.length && !examples.length) return make("p", { id: "alike", class: "alike-none" }, "Nog geen passage om mee te vergelijken.");
  return make("ul", { id: "alike", "aria-label": `Passages met ${name}` },
    ...passages.map((passage, i) => passageRow(view, passage, i)), ...examples.map(exampleRow));
}

function passageRow(view, passage, i) {
  const where = [passage.interview, clock(passage.start), `akkoord van ${passage.coders.join(" en ")}`].filter(Boolean).join(" · ");
  return make("li", {}, make("button", {
    type: "button", "data-action": `to ${i + 1}`, "data-row": view.focus, onclick: () => view.act(`to ${i + 1}`),
  }, make("small", {}, where, make("kbd", {}, i ? "⇧ g" : "g")), asked(passage), make("span", {}, `“${passage.text}”`)));
}

const exampleRow = (example) => make("li", { class: "example" },
  make("small", {}, "voorbeeld uit het codeboek"), asked(example), make("span", {}, `“${example.text}”`));

const asked = ({ question }) => (question ? make("i", {}, question) : "");

/** Open or close what resembles the segment in hand, for the code in focus. */
export async function toggleAlike() {
  const row = rowsOf(inHand())[state.focus];
  if (!row || state.study.blind) return;
  if (state.alike?.code === row.code) {
    state.alike = null;
    return draw();
  }
  const { version, passages, examples } = await ask(`/api/similar?${new URLSearchParams({ segment: state.id, code: row.code })}`);
  if (await renewed(version)) return;
  state.alike = { code: row.code, passages, examples };
  draw();
  const told = passages.length ? `${passages.length} ${passages.length === 1 ? "gelijkende passage" : "gelijkende passages"}`
    : examples.length ? "nog niets gevalideerd, voorbeelden uit het codeboek" : "nog geen passage om mee te vergelijken";
  say(`${nameOf(row.code)}: ${told}.`);
}

/** Go to one of the passages that are shown; `goBack` returns. */
export async function goTo(number) {
  const row = rowsOf(inHand())[state.focus];
  const passage = state.alike?.code === row?.code ? state.alike?.passages[number - 1] : undefined;
  if (!passage) return;
  const { id, at, focus } = state;
  const from = { id, interview: inHand().interview, at, focus };
  await take(passage.id, passage.interview);
  state.from ??= from; // from one passage to the next: back is to where she started
  hide(find("back"), false);
  say("Gelijkende passage. Met b terug naar waar je was.");
}

/** Go back to where she was before the first passage. */
export async function goBack() {
  const { from } = state;
  leave();
  if (!from) return;
  state.at = Math.min(from.at, Math.max(0, state.queue.ids.length - 1));
  await take(from.id, from.interview);
  state.focus = Math.max(0, Math.min(from.focus, rowsOf(inHand()).length - 1));
  draw();
}

/** Forget where she was: she went on from where she is. */
export function leave() {
  state.from = null;
  hide(find("back"), true);
}
