// The segment in hand, on the right: its question and text, what can be judged, the criteria of the code in focus.

import { find, hide, make, marked } from "./dom.js";
import { alikeBlock } from "./alike.js";
import { clock, count, marks, percent } from "./match.js";
import { given, judged, maybeOf, rowsOf, undecided } from "./steps.js";

let shown = "";

/** Show a segment. `view` holds the segment, the codes by id, which row is in focus, whether its criteria are shown,
 * what resembles it if that is shown, the memos by code, where it is ("3 van 120"), and `act(name, row)`. */
export function showHand(view) {
  const { segment } = view;
  for (const part of ["judging", "finish"]) hide(find(part), !segment);
  if (!segment) {
    find("where").textContent = view.empty;
    find("asked").textContent = find("said-here").textContent = "";
    return;
  }
  const who = segment.role === "document" ? "document" : segment.speaker;
  find("where").textContent = [view.interview, clock(segment.start), who, view.place].filter(Boolean).join(" · ");
  find("asked").textContent = segment.question;
  const rows = rowsOf(segment);
  find("said-here").replaceChildren(...marked(marks(segment.text, rows[view.focus]?.words ?? [], true)));
  const inside = focusInside();
  find("rows").replaceChildren(...rows.map((row, place) => codeRow(view, row, place)));
  find("no-rows").textContent = rows.length ? "" : view.blind ? "Nog geen code gegeven." : "Geen voorstel van het model.";
  showMaybe(view);
  putFocusBack(inside);
  if (segment.id !== shown) find("judging").scrollTop = find("fragment").scrollTop = 0;
  else find("rows").children[view.focus]?.scrollIntoView({ block: "nearest" });
  shown = segment.id;
  showRemark(segment);
  showFinish(segment);
}

function codeRow(view, row, place) {
  const code = view.codes.get(row.code);
  const name = code?.name ?? row.code;
  const standing = judged(view.segment, row.code) ? view.segment.standing.codes[row.code] : undefined;
  const unseen = view.segment.standing.unseen.includes(row.code);
  const focused = place === view.focus;
  const button = (action, label, key, pressed) => make("button", {
    type: "button", class: action, "data-action": action, "data-row": place, "aria-pressed": String(pressed),
    "aria-label": `${label}: ${name}`, onclick: () => view.act(pressed ? "clear" : action, place),
  }, label, focused ? make("kbd", {}, key) : "");
  const state = standing === true ? "akkoord" : standing === false ? "afgewezen" : unseen ? "ongezien" : "";
  const item = make("li", { class: `row ${state}`, "aria-current": focused && "true" },
    make("div", { class: "title", onclick: () => view.act(`row ${place + 1}`) },
      place < 9 ? make("kbd", {}, String(place + 1)) : "",
      make("span", {}, make("b", {}, name), make("small", {}, code ? `${code.variable} › ${code.dimension}` : "niet meer in het codeboek"),
        unseen ? make("small", { class: "not-seen" }, "ongezien aangenomen") : ""),
      row.score === null ? make("span", { class: "score" }, "van jou") : score(row)),
    make("div", { class: "buttons" },
      button("accept", "Akkoord", "a", standing === true),
      button("reject", "Afwijzen", "x", standing === false),
      make("button", {
        type: "button", class: "about", "data-action": "criteria", "data-row": place, "aria-label": `Criteria: ${name}`,
        "aria-expanded": String(focused && view.criteria), onclick: () => view.act("criteria", place),
      }, "Criteria", focused ? make("kbd", {}, "c") : "")));
  if (focused && row.words.length) item.append(make("p", { class: "words" }, `Woorden die het droegen: ${row.words.join(", ")}`));
  if (focused && !view.blind && code) item.append(alikeBlock(view, row, place, name));
  if (focused && view.criteria && code) item.append(criteria(code, view.memos[row.code]));
  return item;
}

/** What the model does not suggest, and may be there too; giving such a code is one press. */
function showMaybe(view) {
  const buttons = maybeOf(view.segment).map(({ code, score }) => {
    const label = `${view.codes.get(code)?.name ?? code} (${percent(score)})`;
    return make("button", {
      type: "button", "data-action": `give ${code}`, "aria-label": `Code geven: ${label}`, onclick: () => view.act(`give ${code}`),
    }, label);
  });
  find("maybe").replaceChildren(...(buttons.length ? ["Misschien ook:", ...buttons] : []));
}

function score(row) {
  const bar = make("meter", { min: 0, max: 1, value: row.score, "aria-hidden": "true" });
  const doubts = row.close ? make("span", { class: "close" }, "model twijfelt") : "";
  return make("span", { class: "score" }, bar, make("span", {}, percent(row.score)), doubts);
}

/** How far the model can be trusted with a code, where that was measured. */
function trust({ kappa, positives, word }) {
  const figure = kappa === null ? word : `${word} (κ ${kappa.toFixed(2).replace(".", ",")}, gemeten op ${positives} fragmenten)`;
  return make("p", { class: "trust" }, make("b", {}, "Verwachte overeenstemming met het model: "), figure);
}

function criteria(code, memo) {
  const list = (title, items) => (items.length ? [make("h4", {}, title), make("ul", {}, ...items.map((item) => make("li", {}, item)))] : []);
  return make("div", { class: "criteria" },
    code.agreement ? trust(code.agreement) : "",
    make("p", {}, code.definition),
    ...list("Wel", code.include),
    ...list("Niet", code.exclude.map((e) => (e.code ? `${e.criterion} → ${e.code}` : e.criterion))),
    ...list("Voorbeelden", code.examples.slice(0, 3).map((e) => `${e.direction} “${e.text}”`)),
    ...(memo ? [make("h4", {}, "Mijn memo"), make("p", { class: "memo-text" }, memo)] : []));
}

/** What was typed as a remark and is not on disk yet, by segment: it is never written over. */
export const drafts = new Map();

function showRemark(segment) {
  const field = find("remark");
  const text = drafts.get(segment.id) ?? segment.standing.remark;
  if (field.dataset.segment !== segment.id) find("remark-state").textContent = "";
  if (drafts.has(segment.id)) find("remark-state").textContent = "nog niet opgeslagen";
  field.dataset.segment = segment.id;
  if (field.value !== text) field.value = text;
}

/** The button says what it will do: what is not decided counts as refused, what was accepted unseen is confirmed. */
function showFinish(segment) {
  const left = undecided(segment).length;
  const { done, doubt, again, unseen } = segment.standing;
  let label = given(segment) ? "Klaar" : "Klaar, geen code";
  if (left) label = given(segment) ? "Klaar, de rest afwijzen" : `Klaar, ${count(left, "voorstel", "voorstellen")} afwijzen`;
  if (done && !left) label = again.length ? "Ook voor de nieuwe code gelezen" : unseen.length ? "Gezien en akkoord" : "Klaar, verder";
  find("done").replaceChildren(label, " ", make("kbd", {}, "Enter"));
  hide(find("all"), !left);
  find("all").replaceChildren(left === 1 ? "Aannemen en klaar" : "Alles aannemen en klaar", " ", make("kbd", {}, "⇧ Enter"));
  find("doubt").setAttribute("aria-pressed", String(doubt));
  hide(find("reopen"), !done);
}

/** Which button had the focus, to give it back after drawing anew. */
function focusInside() {
  const { action, row } = find("judging").contains(document.activeElement) ? document.activeElement.dataset : {};
  return action ? `[data-action="${CSS.escape(action)}"]${row === undefined ? "" : `[data-row="${row}"]`}` : "";
}

function putFocusBack(selector) {
  if (selector) (find("judging").querySelector(selector) ?? find("fragment")).focus({ preventScroll: true });
}
