// Saving: a decision is shown only when the server has it on disk, and one that could not be saved is said loudly.

import { ask } from "./api.js";
import { hush, say } from "./dom.js";
import { showInterviews, showProgress } from "./filters.js";
import { alertAbout, alertButton, later, tellFailures } from "./later.js";
import { draw, renewed, showFound } from "./loading.js";
import { showLost, typedField } from "./lost.js";
import { clock } from "./match.js";
import { nameOf, state } from "./state.js";
import { showStanding } from "./talk.js";

/** Save decisions about the segment in hand; `told` says which. Throws when they are not on disk, also when what they
 * are about was renewed since it was shown. */
export async function save(events, told) {
  const { id, study } = state;
  const body = { version: study.version, events: events.map((event) => ({ segment: id, ...event })) };
  if (state.unsaved) await retry();
  if (events.length) await send({ id, told, path: "/api/decide", body });
}

/** Save a remark about the segment `id`, also where that was renewed since: it is about no suggestion. `settled(how)` is
 * called when it is on disk, be it after another attempt, or when it never can be and is kept as lost. */
export async function saveRemark(id, value, settled) {
  if (state.unsaved) await retry();
  const body = { events: [{ segment: id, kind: "remark", value }] };
  const segment = state.segments.get(id);
  const about = segment ? [segment.interview, clock(segment.start)].filter(Boolean).join(" · ") : "een fragment";
  return send({ id, told: "Opmerking.", name: `Opmerking bij ${about}`, typed: value, path: "/api/decide", body, settled });
}

/** The same for a memo; `about` holds the interview or the code. Tells whether it is on disk. */
export async function saveMemo(about, value, settled) {
  if (state.unsaved) await retry();
  const name = `Memo bij ${about.interview ?? nameOf(about.code)}`;
  return send({ id: null, told: "Memo.", name, typed: value, path: "/api/memo", body: { ...about, value }, settled });
}

/** Whether it is on disk now; throws where another attempt may bring it there. */
async function send(work) {
  let answer;
  try {
    answer = await ask(work.path, work.body);
  } catch (error) {
    if (work.typed !== undefined && error.status === 409) return lose(work, error);
    state.unsaved = error.version ? null : work; // another attempt would be about what was never seen
    if (!error.version) throw error;
    error.message = `NIET OPGESLAGEN: “${work.told}” ${error.message}`;
    await renewed(error.version).finally(() => { throw error; });
  }
  // A text that is saved after a verdict that could not be leaves the bar about that verdict.
  if (work === state.unsaved || work.body.version) alertAbout("");
  state.unsaved = null;
  work.settled?.("opgeslagen");
  takeAnswer(answer);
  draw();
  if (!(await renewed(answer.version))) say(`${work.told} Opgeslagen.`);
  return true;
}

/** A text that can never be saved, for what it is about is gone: she gets it back, and it holds up nothing else. */
async function lose(work, error) {
  if (work === state.unsaved) alertAbout("");
  state.unsaved = null;
  if (work.typed) state.lost.push({ name: work.name, typed: work.typed, why: error.message });
  work.settled("niet opgeslagen");
  showLost();
  hush();
  await renewed((await ask("/api/study")).version);
  return false;
}

tellFailures((error) => {
  hush(); // an earlier "opgeslagen" would contradict
  if (!state.unsaved) return false;
  if (state.segments.has(state.unsaved.id)) showStanding(state.segments.get(state.unsaved.id));
  draw();
  alertAbout(
    `NIET OPGESLAGEN: “${state.unsaved.told}” ${error.message}`,
    state.unsaved.typed ? typedField(state.unsaved.typed) : "",
    alertButton("Opnieuw proberen", () => later(retry)),
    alertButton("Laat maar", () => later(forgetUnsaved)),
  );
  return true;
});

async function retry() {
  if (state.unsaved) await send(state.unsaved);
}

/** Let go of what could not be saved; a text that was typed stays where it was typed. */
export async function forgetUnsaved() {
  const segment = state.segments.get(state.unsaved?.id);
  state.unsaved = null;
  alertAbout("");
  if (segment) showStanding(segment);
  draw();
}

/** Take over how segments now stand. */
export function takeAnswer(answer) {
  for (const [id, standing] of Object.entries(answer.segments)) {
    const segment = state.segments.get(id);
    if (segment) {
      segment.standing = standing;
      showStanding(segment);
    }
    const place = state.queue.ids.indexOf(id);
    if (place >= 0) state.queue.status[place] = answer.status[id];
  }
  state.study.progress = answer.progress;
  if (answer.memos) state.study.memos = answer.memos;
  showProgress(answer.progress);
  showFound();
  showInterviews(state.study, state.shown);
}
