// Pure functions on the list of segments and on how one stands: what is next, and what a key means.

/** The place `by` further in a list, held within it. */
export const step = (length, at, by) => Math.max(0, Math.min(length - 1, at + by));

/** The next place after `at` whose letter is one of `wanted`, going round; -1 when there is none but perhaps `at`. */
export function nextOpen(status, at, wanted) {
  for (let i = 1; i < status.length; i++) {
    const place = (at + i) % status.length;
    if (wanted.includes(status[place])) return place;
  }
  return -1;
}

/** What can be judged of a segment: its suggestions, then the codes that the coder gave or refused besides. */
export function rowsOf(segment) {
  const suggested = segment.suggestions.map((s) => s.code);
  const own = Object.keys(segment.standing.codes).filter((code) => !suggested.includes(code));
  return [...segment.suggestions, ...own.map((code) => ({ code, score: null, close: false, words: [] }))];
}

/** What may be there too: not suggested, and nothing was said of it yet. */
export const maybeOf = (segment) => segment.maybe.filter(({ code }) => !(code in segment.standing.codes));

/** Whether the coder judged a code herself: what was accepted unseen nobody looked at. */
export const judged = ({ standing }, code) => code in standing.codes && !standing.unseen.includes(code);

/** The suggestions on which nothing was said yet. */
export const undecided = (segment) => segment.suggestions.filter((s) => !(s.code in segment.standing.codes));

/** How many codes the coder gave. */
export const given = (segment) => Object.values(segment.standing.codes).filter(Boolean).length;

const KEYS = {
  __proto__: null,
  j: "next", k: "previous", n: "open", a: "accept", x: "reject", "+": "add", "/": "add", u: "undo", t: "doubt",
  r: "remark", c: "criteria", m: "memo", l: "alike", g: "to 1", b: "back", "?": "help", Enter: "done", ArrowDown: "down", ArrowUp: "up", Backspace: "clear",
  Delete: "clear",
};

const WITH_SHIFT = { __proto__: null, Enter: "all", m: "memo of code", g: "to 2", n: "unsure" };

/** What a key asks for, or "". `where` is what has the focus: "page", "control" (a button, which takes Enter and
 * blanks itself), "field" (which takes all) or "list" (a button of the transcript, which takes arrows too). */
export function action(event, where, letters = true) {
  if (where === "field" || event.ctrlKey || event.metaKey || event.altKey) return "";
  const { key } = event;
  if (where !== "page" && key === "Enter") return "";
  if (where === "list" && key.startsWith("Arrow")) return "";
  if (!letters && key.length === 1) return "";
  if (/^[1-9]$/.test(key)) return `row ${key}`;
  const name = key.length === 1 ? key.toLowerCase() : key;
  return (event.shiftKey && WITH_SHIFT[name]) || (KEYS[name] ?? "");
}
