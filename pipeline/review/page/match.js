// Pure functions on text: searching codes, marking words, showing times. No document, so that they can be tested alone.

/** Without accents and capitals. */
export const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** The codes that fit what was typed, best first: every typed word occurs, and where it does decides. */
export function findCodes(codes, typed) {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  if (!words.length) return codes;
  const ranked = [];
  codes.forEach((code, place) => {
    const worths = words.map((word) => worth(code, word));
    if (worths.every((w) => w > 0)) ranked.push([worths.reduce((a, b) => a + b, 0), place, code]);
  });
  ranked.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  return ranked.map(([, , code]) => code);
}

function worth(code, word) {
  const name = fold(code.name);
  if (name.startsWith(word)) return 20;
  if (name.includes(` ${word}`)) return 12;
  if (name.includes(word)) return 8;
  if (fold(`${code.id} ${code.variable} ${code.dimension}`).includes(word)) return 4;
  const criteria = [code.definition, ...code.include].join(" ");
  return fold(criteria).includes(word) ? 1 : 0;
}

/** The text in parts, [[part, marked]], where `needles` occur; with `whole`, as whole words only. */
export function marks(text, needles, whole = false) {
  const wanted = needles.map((needle) => fold(needle).replace(/\s+/g, " ").trim()).filter(Boolean);
  if (!wanted.length) return [[text, false]];
  const [plain, place] = foldedWithPlaces(text);
  const on = new Array(text.length).fill(false);
  for (const needle of wanted) {
    for (let at = plain.indexOf(needle); at >= 0; at = plain.indexOf(needle, at + 1)) {
      const end = at + needle.length;
      if (whole && (isLetter(plain[at - 1]) || isLetter(plain[end]))) continue;
      for (let i = place[at]; i < (end < plain.length ? place[end] : text.length); i++) on[i] = true;
    }
  }
  const parts = [];
  for (let i = 0; i < text.length; i++) {
    if (!parts.length || parts.at(-1)[1] !== on[i]) parts.push(["", on[i]]);
    parts.at(-1)[0] += text[i];
  }
  return parts;
}

const isLetter = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** The folded text, and for each of its characters where it came from. */
function foldedWithPlaces(text) {
  let plain = "";
  const places = [];
  let at = 0;
  for (const character of text) {
    const now = /\s/.test(character) ? " " : fold(character);
    for (const unit of now) for (let i = 0; i < unit.length; i++) places.push(at);
    plain += now;
    at += character.length;
  }
  return [plain, places];
}

/** Milliseconds as m:ss or h:mm:ss; "" where there is no time. */
export function clock(ms) {
  if (ms === null || ms === undefined) return "";
  const seconds = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const percent = (score) => `${Math.round(score * 100)}\u00a0%`; // one word, also at the end of a line

export const count = (n, one, more) => `${n.toLocaleString("nl-NL")} ${n === 1 ? one : more}`;
