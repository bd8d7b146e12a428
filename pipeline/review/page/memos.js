// Memos: what the coder thinks of an interview or of a code. Saved as remarks are: when she leaves the field.

import { find, make, say } from "./dom.js";
import { later } from "./later.js";
import { saveMemo } from "./saving.js";
import { inHand, nameOf, state } from "./state.js";
import { rowsOf } from "./steps.js";

/** What was typed as a memo and is not on disk yet, by what it is about: it is never written over. */
export const memoDrafts = new Map();

const about = () => find("memo-about").value;

/** From "interview R01" to { interview: "R01" }. */
function parts(value) {
  const space = value.indexOf(" ");
  return { [value.slice(0, space)]: value.slice(space + 1) };
}

function onDisk(value) {
  const { interview, code } = parts(value);
  const { memos } = state.study;
  return (code === undefined ? memos.interviews[interview] : memos.codes[code]) ?? "";
}

/** Open the memo of the interview in hand, or of the code in focus. */
export function showMemo(ofCode) {
  const segment = inHand();
  const code = segment ? rowsOf(segment)[state.focus]?.code : undefined;
  if (ofCode && !state.codes.has(code)) return say("Neem eerst een code in de hand.");
  fill();
  const first = state.study.progress[0];
  find("memo-about").value = ofCode ? `code ${code}` : segment ? `interview ${segment.interview}` : first ? `interview ${first.name}` : "";
  if (!find("memo-about").value) return;
  show();
  find("memo-dialog").showModal();
  find("memo-text").focus();
}

/** Every interview and code to choose from; those with a memo are marked. */
function fill() {
  const option = (value, label) => make("option", { value }, onDisk(value) || memoDrafts.has(value) ? `${label} •` : label);
  find("memo-about").replaceChildren(
    make("optgroup", { label: "Interviews" }, ...state.study.progress.map(({ name }) => option(`interview ${name}`, name))),
    make("optgroup", { label: "Codes" }, ...state.study.codes.map(({ id, name }) => option(`code ${id}`, name))));
}

function show() {
  find("memo-text").dataset.about = about();
  find("memo-text").value = memoDrafts.get(about()) ?? onDisk(about());
  find("memo-state").textContent = memoDrafts.has(about()) ? "nog niet opgeslagen" : "";
}

/** Save what was typed, also earlier about what cannot be chosen any more: it is then shown to be copied. */
function keep() {
  for (const key of memoDrafts.keys()) {
    later(async () => {
      const value = memoDrafts.get(key);
      if (value === undefined) return;
      const saved = await saveMemo(parts(key), value, (how) => {
        if (memoDrafts.get(key) === value) memoDrafts.delete(key);
        if (find("memo-text").dataset.about === key) find("memo-state").textContent = memoDrafts.has(key) ? "nog niet opgeslagen" : how;
      });
      const { interview, code } = parts(key);
      if (saved) say(`Memo bij ${interview ?? nameOf(code)} opgeslagen.`);
    }, true);
  }
}

/** `then()` is called when the memo is closed. */
export function startMemos(then) {
  const dialog = find("memo-dialog");
  find("memo-text").addEventListener("input", () => {
    memoDrafts.set(find("memo-text").dataset.about, find("memo-text").value);
    find("memo-state").textContent = "nog niet opgeslagen";
  });
  find("memo-text").addEventListener("blur", keep);
  find("memo-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) dialog.close();
  });
  find("memo-about").addEventListener("change", () => { keep(); show(); });
  dialog.addEventListener("close", () => { keep(); then(); });
}
