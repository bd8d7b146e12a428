// Making and finding elements. Text only ever goes in as text, so that talk can hold no markup.

export const find = (id) => document.getElementById(id);

/** An element: `traits` that start with "on" are listeners, `true` is an empty attribute, false and null are left out. */
export function make(tag, traits = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** The parts of a text, [[text, marked]], as nodes. */
export const marked = (parts) => parts.map(([text, mark]) => (mark ? make("mark", {}, text) : text));

/** Says something to who listens, and shows it for a while. */
export function say(text) {
  const status = find("status");
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = text; });
  status.classList.remove("faded");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => status.classList.add("faded"), 4000);
}
