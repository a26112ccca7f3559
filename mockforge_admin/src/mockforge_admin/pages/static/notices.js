// Short notices at the edge of the page.
const LASTING = 6000;

export function notice(text, kind = "") {
  const shown = document.createElement("p");
  shown.className = kind || "warning";
  shown.textContent = text;
  document.querySelector("#notices").append(shown);
  setTimeout(() => shown.remove(), LASTING);
}

// The sentence in a problem document (RFC 9457), or whatever there is.
export async function problemText(response) {
  const text = await response.text();
  try {
    const problem = JSON.parse(text);
    return problem.hint ? `${problem.detail} (${problem.hint})` : problem.detail;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}
