// <form data-try> with method, target and a <pre>: shows what would answer, without asking it.
import { problemText } from "./notices.js";

function trying(form) {
  const shown = form.querySelector("pre");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    const response = await fetch("/__mockforge/explain", {
      method: "POST",
      body: JSON.stringify(asked),
      headers: { "Content-Type": "application/json" },
    });
    shown.hidden = false;
    shown.textContent = response.ok ? textOf(await response.json()) : await problemText(response);
  });
}

function textOf(answer) {
  const by = answer.source === "none" ? "Nothing would answer." : `${answer.source} would answer.`;
  return [by, ...answer.lines].join("\n");
}

export function tryings(root) {
  for (const form of root.querySelectorAll("form[data-try]")) trying(form);
}
