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
  put(find("shown"), text);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => put(find("shown"), ""), 4000);
}

/** Says to who listens what who sees it sees anyway. */
export const tell = (text) => put(find("heard"), text);

/** What was said last no longer holds. */
export const hush = () => put(find("shown"), "");

/** Emptied first, so that the same text is said again; of several at once the last is said. */
function put(place, text) {
  place.textContent = "";
  place.waiting = text;
  requestAnimationFrame(() => { if (place.textContent !== place.waiting) place.textContent = place.waiting; });
}

/** Show or hide an element. What has the focus cannot keep it when it is hidden: it then goes `to` another element, for
 * else the next Enter would be for the whole page. */
export function hide(element, is, to = find("fragment")) {
  const inside = is && element.contains(document.activeElement);
  element.hidden = is;
  if (inside) to.focus({ preventScroll: true });
}
