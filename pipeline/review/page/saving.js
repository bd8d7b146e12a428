// Saving: a decision is shown only when the server has it on disk, and one that could not be saved is said loudly.

import { ask } from "./api.js";
import { find, say } from "./dom.js";
import { showInterviews, showProgress } from "./filters.js";
import { alertAbout, alertButton, later, tellFailures } from "./later.js";
import { draw, renewed, showFound } from "./loading.js";
import { state } from "./state.js";
import { letter } from "./steps.js";
import { showStanding } from "./talk.js";

/** Save decisions about the segment in hand, or about `id`; `told` says which. Throws when they are not on disk. */
export async function save(events, told, id = state.id) {
  if (state.unsaved) await retry();
  const work = { id, told, path: "/api/decide", body: { events: events.map((event) => ({ segment: id, ...event })) } };
  if (events.length) await send(work);
}

/** Save a memo; `about` holds the interview or the code. Throws when it is not on disk. */
export async function saveMemo(about, value) {
  if (state.unsaved) await retry();
  await send({ id: null, told: "Memo.", path: "/api/memo", body: { ...about, value } });
}

async function send(work) {
  let answer;
  try {
    answer = await ask(work.path, work.body);
  } catch (error) {
    state.unsaved = work;
    throw error;
  }
  state.unsaved = null;
  alertAbout("");
  takeAnswer(answer);
  draw();
  if (!(await renewed(answer.version))) say(`${work.told} Opgeslagen.`);
}

tellFailures((error) => {
  if (!state.unsaved) return false;
  find("status").textContent = ""; // an earlier "opgeslagen" would contradict
  if (state.segments.has(state.unsaved.id)) showStanding(state.segments.get(state.unsaved.id));
  draw();
  alertAbout(
    `NIET OPGESLAGEN: “${state.unsaved.told}” ${error.message}`,
    alertButton("Opnieuw proberen", () => later(retry)),
    alertButton("Laat maar", () => later(forgetUnsaved)),
  );
  return true;
});

async function retry() {
  if (state.unsaved) await send(state.unsaved);
}

/** Let go of what could not be saved. */
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
    if (place >= 0) state.queue.status[place] = letter(standing);
  }
  state.study.progress = answer.progress;
  if (answer.memos) state.study.memos = answer.memos;
  showProgress(answer.progress);
  showFound();
  showInterviews(state.study, state.shown);
}
