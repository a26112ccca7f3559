// <form data-editor action="/address" data-method="POST" data-check="/address" data-then="/address"> with a
// textarea: what is typed is checked as it is typed, problems are shown with their lines, and submitting sends it.
import { goOn, send } from "./sending.js";

const PAUSE = 300;
const YAML = "application/yaml";

function editor(form) {
  const area = form.querySelector("textarea");
  const shown = form.querySelector(".problems");
  const button = form.querySelector("button.main");
  let timer = 0;
  let asked = 0;
  const check = async () => {
    const turn = ++asked;
    const response = await fetch(form.dataset.check, {
      method: "POST",
      body: area.value,
      headers: { "Content-Type": YAML },
    });
    if (!response.ok) return;
    const found = await response.json();
    if (turn !== asked) return;
    shown.replaceChildren(...found.problems.map((problem) => row(area, problem)));
    if (found.ok) area.removeAttribute("aria-invalid");
    else area.setAttribute("aria-invalid", "true");
    button.disabled = !found.ok;
  };
  area.addEventListener("input", () => {
    if (!form.dataset.check) return;
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });
  area.addEventListener("keydown", indent);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await send(form.dataset.method ?? "POST", form.getAttribute("action"), area.value, form.dataset.type ?? YAML);
    if (done !== null) goOn(form.dataset.then);
  });
  // Until here nothing could be sent: the browser itself would have sent it in a form that the API refuses.
  if (form.dataset.check) check();
  else button.disabled = false;
}

function row(area, problem) {
  const line = document.createElement(problem.line ? "button" : "p");
  line.className = problem.severity === "error" ? "problem" : "warning";
  const place = problem.line ? `line ${problem.line}: ` : "";
  line.textContent = `${place}${problem.message}${problem.hint ? ` (${problem.hint})` : ""}`;
  if (problem.line) {
    line.type = "button";
    line.dataset.line = problem.line;
    line.addEventListener("click", () => goTo(area, problem.line));
  }
  return line;
}

function goTo(area, line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
}

// Enter keeps the indentation. Tab leaves the field, as it does everywhere.
function indent(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  const area = event.target;
  const before = area.value.slice(0, area.selectionStart);
  const spaces = before.slice(before.lastIndexOf("\n") + 1).match(/^ */)[0];
  if (!spaces) return;
  event.preventDefault();
  area.setRangeText(`\n${spaces}`, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export function editors(root) {
  for (const form of root.querySelectorAll("form[data-editor]")) editor(form);
}
