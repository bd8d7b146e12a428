// Asking the server. The secret comes with the link, behind the #, and is sent as a header.

const NAME = "codeboom-secret";

/** The server said no, or did not answer; the text is for the researcher. */
export class Refused extends Error {
  constructor(text, status = 0, version = undefined) {
    super(text);
    this.status = status;
    this.version = version; // of what the server has now, where it refused because the page shows something older
  }
}

function takeSecret() {
  const given = location.hash.slice(1);
  try {
    if (given) sessionStorage.setItem(NAME, given);
    return given || sessionStorage.getItem(NAME) || "";
  } catch {
    return given; // a browser that keeps nothing: the link then serves for as long as the page is open
  }
}

const secret = takeSecret();
if (location.hash) history.replaceState(null, "", "/");
addEventListener("hashchange", () => { if (location.hash.length > 20) location.reload(); });

/** Ask `path`; with a `body`, as a decision. Raises Refused. */
export async function ask(path, body) {
  const headers = { "X-Codeboom-Secret": secret };
  const asked = { headers, cache: "no-store", signal: AbortSignal.timeout(30_000) };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    Object.assign(asked, { method: "POST", body: JSON.stringify(body) });
  }
  let answer;
  let content;
  try {
    answer = await fetch(path, asked);
    content = await answer.json();
  } catch {
    throw new Refused("Codeboom antwoordt niet. Staat het venster waarin je Codeboom startte nog open?");
  }
  if (!answer.ok) throw new Refused(content.error ?? `Fout ${answer.status}.`, answer.status, content.version);
  return content;
}
