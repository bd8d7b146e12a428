// The left column: filters, and the interviews with their progress.

import { find, hide, make } from "./dom.js";

let interview = "";
let changed = () => {};

/** What is asked for now, as the server takes it. */
export const wanted = () => ({
  interview, code: find("code").value, state: find("state").value, text: find("text").value.trim(),
  order: find("order").value,
});

/** The letters of what is still to be read in this list, but for doubt: see `letter` of the server. */
export const openLetters = () => (find("state").value === "again" ? "a" : "um");

/** Call `then()` when a filter was changed. */
export function startFilters(then) {
  let timer;
  changed = () => {
    clearTimeout(timer);
    const { text, code, state } = wanted();
    hide(find("clear"), !(text || code || interview || state !== "all"), find("text"));
    then();
  };
  find("text").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(changed, 250); });
  for (const id of ["state", "code", "order"]) find(id).addEventListener("change", changed);
  find("filters").addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  find("clear").addEventListener("click", () => {
    for (const id of ["text", "code"]) find(id).value = "";
    find("state").value = "all";
    interview = "";
    changed();
  });
}

/** Fill the list of codes, keeping the choice; a blind coder has no filter by suggestions. */
export function showFilters(study) {
  const chosen = find("code").value;
  const groups = new Map();
  for (const code of study.codes) groups.set(code.variable, [...(groups.get(code.variable) ?? []), code]);
  find("code").replaceChildren(make("option", { value: "" }, "alle codes"), ...[...groups].map(([variable, codes]) =>
    make("optgroup", { label: variable }, ...codes.map((code) => make("option", { value: code.id }, code.name)))));
  find("code").value = study.codes.some((code) => code.id === chosen) ? chosen : "";
  if (study.blind) for (const option of document.querySelectorAll("option.seeing")) option.remove();
}

/** How far the whole is. */
export function showProgress(progress) {
  const total = progress.reduce((sum, row) => sum + row.total, 0);
  const done = progress.reduce((sum, row) => sum + row.done, 0);
  find("bar").max = Math.max(1, total);
  find("bar").value = done;
  find("count").textContent = `${done.toLocaleString("nl-NL")} van ${total.toLocaleString("nl-NL")} klaar`;
}

/** The interviews; `shown` is the one whose transcript is shown. A press filters on it, a second press on all. */
export function showInterviews(study, shown) {
  const focused = document.activeElement?.dataset?.interview;
  find("interviews").replaceChildren(...[{ name: "", label: "Alle" }, ...study.progress].map((row) => interviewRow(row, study, shown)));
  if (focused !== undefined) find("interviews").querySelector(`[data-interview="${CSS.escape(focused)}"]`)?.focus();
}

function interviewRow(row, study, shown) {
  const again = study.look_again[row.name];
  const progress = row.name ? make("span", { class: "done-of" }, `${row.done}/${row.total}`) : "";
  const press = make("button", {
    type: "button", "data-interview": row.name, "aria-pressed": String(interview === row.name),
    "aria-current": row.name !== "" && row.name === shown && "true",
    onclick: (event) => {
      interview = interview === row.name ? "" : row.name;
      if (event.detail > 0) find("fragment").focus({ preventScroll: true }); // clicked: Enter is for the fragment again
      changed();
      showInterviews(study, shown);
    },
  }, make("span", {}, row.label ?? row.name), progress);
  if (row.name) {
    const doubt = row.doubt ? `, ${row.doubt} in twijfel` : "";
    press.setAttribute("aria-label", `${row.name}: ${row.done} van ${row.total} klaar${doubt}`);
    press.append(make("progress", { max: row.total, value: row.done, "aria-hidden": "true" }));
  }
  const look = again?.length ? make("small", {}, `opnieuw bekijken: ${again.join(", ")}`) : "";
  if (study.memos.interviews[row.name]) press.firstChild.append(make("small", {}, " memo"));
  return make("li", {}, press, look);
}
