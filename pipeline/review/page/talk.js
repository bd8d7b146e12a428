// The transcript in the middle: turns as spoken, the question before each, and how every segment stands.
//
// Long interviews stay smooth because the transcript is made in parts: the browser lays out only those in view, and
// those around the segment in hand are made at once, the others when there is time.

import { find, make, marked } from "./dom.js";
import { clock, marks } from "./match.js";
import { state } from "./state.js";

const PART = 40; // segments
const soon = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));

let talk = { segments: [], places: new Map(), parts: [], rows: new Map(), choose: null };
let current = null;
let stop = null; // the one button of the transcript that Tab stops at

/** Show an interview; `choose(id)` is called when one of its segments is asked for. */
export function showTalk(name, segments, choose) {
  const places = new Map(segments.map((segment, place) => [segment.id, place]));
  const parts = [];
  for (let first = 0; first < segments.length; first += PART) {
    const part = make("ol", { class: "part" });
    const lines = segments.slice(first, first + PART).reduce((sum, { text }) => sum + 1.5 + text.length / 75, 0);
    part.style.containIntrinsicBlockSize = `auto ${Math.round(lines * 21)}px`;
    parts.push(part);
  }
  talk = { segments, places, parts, rows: new Map(), choose };
  current = stop = null;
  find("interview").textContent = `Transcript ${name}`;
  find("talk").replaceChildren(...parts);
  find("talk").scrollTop = 0;
  const mine = talk;
  soon(() => makeRest(mine, 0));
}

/** Mark the segment in hand and bring it into view. */
export function showCurrent(id) {
  current?.removeAttribute("aria-current");
  const place = talk.places.get(id);
  if (place === undefined) return;
  const number = Math.floor(place / PART);
  for (const near of [number - 1, number, number + 1]) makePart(near);
  current = talk.rows.get(id);
  current.setAttribute("aria-current", "true");
  stopAt(current);
  current.scrollIntoView({ block: "center" });
}

/** Have the arrows go from segment to segment in the transcript, which is one stop of Tab. */
export function startTalk() {
  find("talk").addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target !== stop) return;
    event.preventDefault();
    const place = talk.places.get(stop.dataset.segment) + by;
    if (place < 0 || place >= talk.segments.length) return;
    makePart(Math.floor(place / PART));
    stopAt(talk.rows.get(talk.segments[place].id));
    stop.focus();
  });
}

function stopAt(row) {
  stop?.setAttribute("tabindex", "-1");
  stop = row.querySelector(".when");
  stop.setAttribute("tabindex", "0");
}

/** Show how a segment stands, after a decision. */
export function showStanding(segment) {
  const row = talk.rows.get(segment.id);
  if (!row) return; // it is shown when its part is made
  const { standing } = segment;
  const chips = Object.entries(standing.codes)
    .filter(([, yes]) => yes)
    .map(([code]) => make("span", { class: standing.unseen.includes(code) ? "chip ongezien" : "chip" }, state.codes.get(code)?.name ?? code));
  if (standing.done) chips.unshift(make("span", { class: "ready" }, chips.length ? "klaar" : "klaar, geen code"));
  if (standing.doubt) chips.push(make("span", { class: "doubted" }, "twijfel"));
  if (standing.remark) chips.push(make("span", { class: "remarked" }, "opmerking"));
  if (state.unsaved?.id === segment.id) chips.push(make("span", { class: "unsaved" }, "niet opgeslagen"));
  row.querySelector(".standing").replaceChildren(...chips);
}

function makeRest(mine, number) {
  if (mine !== talk || number >= mine.parts.length) return; // another interview is shown by now
  makePart(number);
  soon(() => makeRest(mine, number + 1));
}

function makePart(number) {
  const part = talk.parts[number];
  if (!part || part.firstChild) return;
  const list = document.createDocumentFragment();
  for (let place = number * PART; place < Math.min(talk.segments.length, (number + 1) * PART); place++) {
    list.append(...segmentRows(talk.segments[place], talk.segments[place - 1]));
  }
  part.append(list);
  for (const segment of talk.segments.slice(number * PART, (number + 1) * PART)) showStanding(segment);
}

/** A segment, and before it the question and the speaker where they are others than `before`. */
function segmentRows(segment, before) {
  const rows = [];
  const asked = segment.question && segment.question !== before?.question;
  if (asked) rows.push(make("li", { class: "question" }, make("b", {}, "Interviewer"), segment.question));
  const who = speaker(segment);
  if (who && (asked || !before || who !== speaker(before))) rows.push(make("li", { class: "speaker", "aria-hidden": "true" }, who));
  const time = clock(segment.start);
  const choose = () => talk.choose(segment.id);
  const go = make("button", { type: "button", class: "when", tabindex: "-1", "data-segment": segment.id, onclick: choose }, time || "•");
  go.setAttribute("aria-label", `Ga naar fragment ${[time && `op ${time}`, who && `van ${who}`].filter(Boolean).join(" ")}`);
  const text = make("p", { onclick: () => { if (!String(getSelection())) choose(); } });
  text.append(...(state.search ? marked(marks(segment.text, [state.search])) : [segment.text]));
  const row = make("li", { class: "segment" }, go, make("div", {}, text, make("p", { class: "standing" })));
  talk.rows.set(segment.id, row);
  return [...rows, row];
}

const speaker = (segment) => (segment.role === "document" ? "" : segment.speaker || "Spreker onbekend");
