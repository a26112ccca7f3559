// Short notices at the edge of the page.
const LASTING = 6000;
const MOST = 5;

export function notice(text, kind = "") {
  const shown = document.createElement("p");
  shown.className = kind || "done";
  shown.textContent = text;
  const all = document.querySelector("#notices");
  all.append(shown);
  while (all.children.length > MOST) all.firstElementChild.remove();
  setTimeout(() => shown.remove(), LASTING);
}

// The sentence in a problem document (RFC 9457), or whatever there is.
export async function problemText(response) {
  const text = await response.text();
  try {
    return sentence(JSON.parse(text).detail, JSON.parse(text).hint);
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

export function sentence(text, hint) {
  return hint ? `${text} (${hint})` : text;
}
