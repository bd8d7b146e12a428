// The help, and making an open code.

import { find, make } from "./dom.js";

const KEYS_ON = "codeboom-keys";

/** Whether shortcuts of one character are on. */
export const lettersOn = () => find("keys-on").checked;

export function startDialogs() {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  try {
    find("keys-on").checked = localStorage.getItem(KEYS_ON) !== "off";
    find("keys-on").addEventListener("change", () => localStorage.setItem(KEYS_ON, lettersOn() ? "on" : "off"));
  } catch {
    // a browser that keeps nothing: the choice then lasts as long as the page
  }
}

export const showHelp = () => find("help-text").showModal();

/** Ask for an open code. `save(content)` writes it and throws when it cannot be; the dialog then stays open. */
export function askNewCode(name, codes, save) {
  const dialog = find("new-code");
  const form = find("new-form");
  form.reset();
  find("new-name").value = name;
  find("new-problem").textContent = "";
  find("new-place").replaceChildren(...places(codes));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    try {
      await save({
        name: find("new-name").value,
        definition: find("new-definition").value,
        include: lines(find("new-include").value),
        exclude: lines(find("new-exclude").value),
        place: find("new-place").value,
      });
      dialog.close();
      find("fragment").focus({ preventScroll: true }); // and not the field that asked for it, where Enter means another thing
    } catch (error) {
      find("new-problem").textContent = `Niet toegevoegd. ${error.message}`;
    } finally {
      submit.disabled = false;
    }
  };
  dialog.showModal();
  find(name ? "new-definition" : "new-name").focus();
}

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Every dimension of the codebook, and first: none yet. */
function places(codes) {
  const found = new Map();
  for (const code of codes) {
    const place = code.id.split("/").slice(0, 2).join("/");
    if (place !== "open/nog-in-te-delen") found.set(place, `${code.variable} › ${code.dimension}`);
  }
  return [make("option", { value: "" }, "nog in te delen"), ...[...found].map(([value, name]) => make("option", { value }, name))];
}
