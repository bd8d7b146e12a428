// The page: what keys and buttons do.

import { goBack, goTo, leave, toggleAlike } from "./alike.js";
import { ask } from "./api.js";
import { startCombobox } from "./combobox.js";
import { askNewCode, lettersOn, showHelp, startDialogs } from "./dialogs.js";
import { find, say, tell } from "./dom.js";
import { openLetters, startFilters } from "./filters.js";
import { drafts } from "./hand.js";
import { busy, later } from "./later.js";
import { draw, go, loadInterview, loadQueue, renewed, start, take } from "./loading.js";
import { memoDrafts, showMemo, startMemos } from "./memos.js";
import { forgetUnsaved, save, saveRemark, takeAnswer } from "./saving.js";
import { sentences, spokenCodes, spokenRow } from "./spoken.js";
import { inHand, nameOf, state } from "./state.js";
import { action, given, judged, nextOpen, rowsOf, step, undecided } from "./steps.js";
import { startTalk } from "./talk.js";

const toFragment = () => find("fragment").focus({ preventScroll: true });

async function judge(value, told) {
  const row = rowsOf(inHand())[state.focus];
  if (!row) return;
  await save([{ kind: "code", code: row.code, value }], `${told}: ${nameOf(row.code)}.`);
  const rows = rowsOf(inHand());
  const before = state.focus;
  const open = value ? rows.findIndex(({ code }) => !judged(inHand(), code)) : state.focus;
  takeRow(Math.min(rows.length - 1, open >= 0 ? open : before), before);
}

/** Take a code in hand, and tell who listens which it is, unless it was so `before`. */
function takeRow(place, before) {
  state.focus = Math.max(0, place);
  draw();
  if (state.focus !== before && rowsOf(inHand()).length) tell(`${spokenRow(inHand(), state.focus, nameOf)}.`);
}

function toggleCriteria() {
  state.criteria = !state.criteria;
  draw();
  const shown = find("rows").querySelector(".criteria");
  if (shown) tell(sentences([`Criteria van ${nameOf(rowsOf(inHand())[state.focus].code)}`, ...shown.innerText.split("\n")]));
  else if (!state.criteria) tell("Criteria dicht.");
}

/** Go along the list. */
function along(by) {
  leave();
  const { ids } = state.queue;
  const place = step(ids.length, state.at, by);
  if (ids[place] === state.id) return say(by > 0 ? "Dit is het laatste van de lijst." : "Dit is het eerste van de lijst.");
  return go(place);
}

/** Go to the next in the list whose letter is one of `letters`. */
function goToNext(letters, none) {
  leave();
  const place = nextOpen(state.queue.status, state.at, letters);
  return place >= 0 ? go(place) : say(none);
}

/** Done: what is open is refused, or accepted; what was accepted unseen is seen now, and confirmed. */
async function finish(accept) {
  const segment = inHand();
  const events = undecided(segment).map(({ code }) => ({ kind: "code", code, value: accept ? "yes" : "no", if_open: true }));
  const codes = given(segment) + (accept ? events.length : 0);
  events.push(...segment.standing.unseen.map((code) => ({ kind: "code", code, value: "yes", if_open: true })));
  if (!segment.standing.done || segment.standing.again.length) events.push({ kind: "done", value: "yes" });
  await save(events, codes ? `Klaar met ${codes === 1 ? "1 code" : `${codes} codes`}.` : "Klaar, geen code.");
  leave();
  const next = nextOpen(state.queue.status, state.at, openLetters());
  if (next >= 0) await go(next);
  else say("Opgeslagen. Alles in deze lijst is klaar.");
}

async function undo() {
  if (state.unsaved) return forgetUnsaved(); // what never stood needs no more than that
  let answer;
  try {
    answer = await ask("/api/undo", {});
  } catch (error) {
    if (error.status !== 409) throw error;
    return say(error.message);
  }
  takeAnswer(answer);
  const { id: before } = state;
  const anew = (await renewed(answer.version)) ? " De interviews of het codeboek zijn vernieuwd." : "";
  if (answer.memo) {
    draw();
    return say(`Ongedaan gemaakt: een memo.${anew}`);
  }
  const [id] = answer.undone;
  if (id) {
    await loadInterview(answer.interview);
    const place = state.queue.ids.indexOf(id);
    if (place >= 0) state.at = place;
    await take(id, answer.interview);
  }
  draw();
  say(`${id ? "Ongedaan gemaakt." : "Ongedaan gemaakt; dat fragment staat niet meer in de tabellen."}${anew}`);
  if (id && id === before) tell(spokenCodes(inHand(), state.study.blind, nameOf));
}

async function addCode(code) {
  await save([{ kind: "code", code: code.id, value: "yes" }], `Code erbij: ${code.name}.`);
  state.focus = Math.max(0, rowsOf(inHand()).findIndex((row) => row.code === code.id));
  draw();
  toFragment();
}

async function saveNewCode(content) {
  const { code, version } = await ask("/api/code", content);
  const { id } = state;
  await later(async () => {
    await renewed(version);
    if (state.id === id) await addCode(state.codes.get(code));
    else say("De code staat in het codeboek; het fragment is er niet meer.");
  }, true);
}

const ACTIONS = {
  next: () => along(1),
  previous: () => along(-1),
  open: () => goToNext(`${openLetters()}t`, "Niets meer te doen in deze lijst."),
  unsure: () => goToNext("tm", "Geen ander fragment met twijfel in deze lijst."),
  accept: () => judge("yes", "Akkoord"),
  reject: () => judge("no", "Afgewezen"),
  clear: () => judge("", "Oordeel weggehaald"),
  done: () => finish(false),
  all: () => (state.study.blind ? finish(false) : finish(true)),
  doubt: () => save([{ kind: "doubt", value: inHand().standing.doubt ? "" : "yes" }], inHand().standing.doubt ? "Geen twijfel meer." : "Twijfel."),
  reopen: () => save([{ kind: "done", value: "" }], "Weer open."),
  undo,
  help: showHelp,
  add: () => find("add").focus(),
  remark: () => find("remark").focus(),
  memo: () => showMemo(false),
  "memo of code": () => showMemo(true),
  alike: toggleAlike,
  "to 1": () => goTo(1),
  "to 2": () => goTo(2),
  back: goBack,
  criteria: toggleCriteria,
  down: () => takeRow(step(rowsOf(inHand()).length, state.focus, 1)),
  up: () => takeRow(step(rowsOf(inHand()).length, state.focus, -1)),
};
const NEEDS_NONE = ["undo", "help", "memo"];

/** Do what a key or button asks; `row` is the row of the code that a button stands with. */
function act(name, row) {
  if (!state.study || (!state.id && !NEEDS_NONE.includes(name))) return;
  later(() => {
    if (name.startsWith("give ")) return addCode(state.codes.get(name.slice(5)));
    const place = name.startsWith("row ") ? Number(name.slice(4)) - 1 : row;
    if (place !== undefined && place < rowsOf(inHand()).length) {
      if (name === "criteria" && state.focus !== place) state.criteria = false;
      state.focus = Math.max(0, place);
    }
    return name.startsWith("row ") ? takeRow(state.focus) : ACTIONS[name]();
  });
}

/** Save what was typed; until that is done it is a draft, which stays where it is. */
function keepRemarks() {
  for (const segment of drafts.keys()) {
    later(async () => {
      const value = drafts.get(segment);
      if (value === undefined) return;
      await saveRemark(segment, value, (how) => {
        if (drafts.get(segment) === value) drafts.delete(segment);
        if (find("remark").dataset.segment === segment) find("remark-state").textContent = drafts.has(segment) ? "nog niet opgeslagen" : how;
      });
    }, true);
  }
}

// --- keys and buttons --------------------------------------------------------------------------------------

function where(target) {
  if (target.closest("input, textarea, select, dialog")) return "field";
  if (target.closest("#talk")) return "list";
  return target.closest("button, a, summary") ? "control" : "page";
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const name = action(event, where(event.target), lettersOn());
  if (!name || (event.repeat && !["next", "previous", "up", "down"].includes(name))) return;
  event.preventDefault();
  act(name);
});

document.addEventListener("click", (event) => {
  // After a click with the mouse the keys are for the segment again, and Enter is not for the button.
  if (event.detail > 0 && event.target.closest("#hand button, #undo, #back")) toFragment();
});

for (const name of ["done", "all", "doubt", "reopen", "undo", "help", "memo", "back"]) find(name).addEventListener("click", () => act(name));

find("remark").addEventListener("input", () => {
  drafts.set(find("remark").dataset.segment, find("remark").value);
  find("remark-state").textContent = "nog niet opgeslagen";
});
find("remark").addEventListener("blur", keepRemarks);
find("remark").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" && !(event.key === "Enter" && event.ctrlKey)) return;
  event.preventDefault();
  toFragment();
});

find("filters").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toFragment();
});

addEventListener("beforeunload", (event) => {
  if (busy() || state.unsaved || state.lost.length || drafts.size || memoDrafts.size) event.preventDefault();
});

startDialogs();
startTalk();
startMemos(toFragment);
startFilters(() => later(async () => {
  await loadQueue();
  say(find("found").textContent);
}));
startCombobox(
  () => ({ codes: state.study.codes, canAdd: state.study.can_add, has: (id) => inHand()?.standing.codes[id] === true }),
  (code) => {
    toFragment(); // at once, so that an Enter that follows is for the segment
    later(() => addCode(code));
  },
  (name) => askNewCode(name, state.study.codes, saveNewCode),
  toFragment,
);

state.act = act;
later(() => start());
