// What is said to who listens where something is seen and no focus moves to it. Pure functions, from state to sentences.

import { count, percent } from "./match.js";
import { judged, maybeOf, rowsOf } from "./steps.js";

/** The parts that are there, each as a sentence. */
export const sentences = (parts) =>
  parts.map((part) => (part || "").trim()).filter(Boolean).map((part) => (/[.?!:…]”?$/.test(part) ? part : `${part}.`)).join(" ");

/** A segment: where it is, who speaks, what was asked and said, and its codes. */
export function spokenSegment(segment, place, blind, nameOf) {
  const who = segment.role === "document" ? "document" : segment.speaker;
  return sentences([place, who, segment.question && `Vraag: ${segment.question}`, segment.text, spokenCodes(segment, blind, nameOf)]);
}

/** Its codes, and how it stands. */
export function spokenCodes(segment, blind, nameOf) {
  const rows = rowsOf(segment);
  const maybe = maybeOf(segment).map(({ code, score }) => `${nameOf(code)} ${percent(score)}`);
  const { done, doubt, remark } = segment.standing;
  return sentences([
    rows.length ? `${count(rows.length, "code", "codes")}: ${rows.map((row, i) => spokenRow(segment, i, nameOf)).join("; ")}`
      : blind ? "Nog geen code gegeven" : "Geen voorstel van het model",
    maybe.length && `Misschien ook: ${maybe.join(", ")}`, doubt && "In twijfel", done && "Klaar", remark && `Opmerking: ${remark}`,
  ]);
}

/** One of its codes: its number, name and score, whether the model doubts, and how it stands. */
export function spokenRow(segment, place, nameOf) {
  const { code, score, close } = rowsOf(segment)[place];
  const stands = segment.standing.codes[code];
  return [
    `${place + 1} ${nameOf(code)}`, score === null ? "van jou" : percent(score), close && "model twijfelt",
    stands === undefined ? "nog open" : !judged(segment, code) ? "ongezien aangenomen" : stands ? "akkoord" : "afgewezen",
  ].filter(Boolean).join(", ");
}
