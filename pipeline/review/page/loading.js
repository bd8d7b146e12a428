// Getting study, list and transcripts from the server, and showing the segment in hand.

import { ask } from "./api.js";
import { find, hide, say, tell } from "./dom.js";
import { openLetters, showFilters, showInterviews, showProgress, wanted } from "./filters.js";
import { showHand } from "./hand.js";
import { dropTypedAhead, later } from "./later.js";
import { spokenCodes, spokenSegment } from "./spoken.js";
import { inHand, nameOf, state } from "./state.js";
import { nextOpen } from "./steps.js";
import { showCurrent, showTalk } from "./talk.js";

/** Load everything, and take the segment `keep` in hand where it is still there. */
export async function start(keep) {
  takeStudy(await ask("/api/study"));
  Object.assign(state, { interviews: new Map(), segments: new Map(), shown: null, alike: null, from: null, focus: 0 });
  hide(find("back"), true);
  await loadQueue(keep);
  present();
}

/** Take over what the study is: who codes, the codebook, the progress. */
export function takeStudy(study) {
  state.study = study;
  state.codes = new Map(study.codes.map((code) => [code.id, code]));
  document.body.classList.toggle("blind", study.blind);
  find("who").textContent = [`Codeur: ${study.coder}`, study.blind ? "blind" : study.model].filter(Boolean).join(" · ");
  find("note").textContent = study.changed ? `${study.changed} fragmenten die je eerder beoordeelde, zijn veranderd en komen opnieuw langs.` : "";
  showFilters(study);
  showProgress(study.progress);
}

/** Have the segments of an interview, unless everything had to be loaded anew. */
export async function loadInterview(name) {
  if (!state.interviews.has(name)) {
    const { segments, version } = await ask(`/api/interview?${new URLSearchParams({ name })}`);
    if (await renewed(version)) return;
    state.interviews.set(name, segments);
    for (const segment of segments) state.segments.set(segment.id, Object.assign(segment, { interview: name }));
  }
}

/** Start anew when a run or another window has renewed interviews or codebook, with the same segment in hand where it
 * is still there. What was asked meanwhile was meant for what was shown before, and is dropped. */
export async function renewed(version) {
  if (version === state.study.version) return false;
  const { id } = state;
  const interview = inHand()?.interview;
  await start(id);
  if (state.id !== id && state.study.progress.some(({ name }) => name === interview)) await take(id, interview);
  dropTypedAhead();
  say("De interviews of het codeboek zijn vernieuwd.");
  return true;
}

/** Ask for the list that the filters give; what is in hand stays so if it is in it. */
export async function loadQueue(keep = state.id) {
  const filter = wanted();
  const queue = await ask(`/api/queue?${new URLSearchParams(filter)}`);
  if (await renewed(queue.version)) return;
  state.queue = { ...queue, status: [...queue.status] };
  for (const [id, codes] of Object.entries(queue.again)) if (state.segments.has(id)) state.segments.get(id).standing.again = codes;
  if (state.search !== filter.text) state.shown = null;
  state.search = filter.text;
  showFound();
  const kept = queue.ids.indexOf(keep);
  const letters = `${openLetters()}t`;
  const open = letters.includes(queue.status[0] ?? "-") ? 0 : Math.max(0, nextOpen(state.queue.status, 0, letters));
  await go(kept >= 0 ? kept : open, false);
}

/** Show how long the list is, and how much of it is done. */
export function showFound() {
  const { status } = state.queue;
  const ready = status.filter((letter) => "da".includes(letter) && !openLetters().includes(letter)).length;
  const [all, done] = [status.length, ready].map((n) => n.toLocaleString("nl-NL"));
  find("found").textContent = status.length ? `${all} in de lijst, ${done} klaar` : "Geen fragment gevonden.";
}

/** Take the segment at a place of the list in hand. */
export async function go(place, focus = true) {
  const { ids, interviews, names } = state.queue;
  if (!ids.length) {
    state.id = null;
    return draw();
  }
  state.at = place;
  await take(ids[place], names[interviews[place]], focus);
}

/** Take a segment in hand, and show the interview that it is in. */
export async function take(id, interview, focus = true) {
  await loadInterview(interview);
  if (!state.segments.has(id)) return;
  if (state.shown !== interview) {
    showTalk(interview, state.interviews.get(interview), choose);
    state.shown = interview;
    showInterviews(state.study, interview);
  }
  if (state.id !== id) Object.assign(state, { id, focus: 0, criteria: false, alike: null });
  showCurrent(id);
  draw();
  if (focus) present();
}

/** Put the keys on the segment in hand, and tell who listens what going there does not say. Not out of a field: what is
 * typed there would then be taken for shortcuts. */
function present() {
  const { activeElement } = document;
  if (activeElement?.closest("input, textarea, select, dialog")) return;
  const fragment = find("fragment");
  fragment.focus({ preventScroll: true });
  const segment = inHand();
  if (segment && activeElement !== fragment) tell(spokenCodes(segment, state.study.blind, nameOf));
  else if (segment) tell(spokenSegment(segment, placeOf(), state.study.blind, nameOf));
}

/** Where the segment in hand is in the list. */
function placeOf() {
  const { ids } = state.queue;
  return ids[state.at] === state.id ? `${state.at + 1} van ${ids.length}` : "buiten de lijst";
}

/** A segment that was pointed at in the transcript; it may stand outside the list. */
function choose(id) {
  later(async () => {
    const place = state.queue.ids.indexOf(id);
    if (place >= 0) state.at = place;
    await take(id, state.segments.get(id).interview);
  });
}

/** Show the segment in hand. */
export function draw() {
  const segment = state.segments.get(state.id) ?? null;
  showHand({
    segment, codes: state.codes, focus: state.focus, criteria: state.criteria, blind: state.study.blind,
    alike: state.alike, memos: state.study.memos.codes,
    interview: segment?.interview, act: state.act,
    place: placeOf(),
    empty: "Geen fragment met deze filters.",
  });
  document.body.classList.toggle("not-saved", Boolean(state.unsaved));
}
