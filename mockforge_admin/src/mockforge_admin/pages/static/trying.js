// <form data-try> with method, target and a <pre>: shows what would answer, without asking it.
import { problemText } from "./notices.js";

function trying(form) {
  const shown = form.querySelector("pre");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = Object.fromEntries(new FormData(form));
    const response = await fetch("/__mockforge/explain", {
      method: "POST",
      body: JSON.stringify(asked),
      headers: { "Content-Type": "application/json" },
    });
    shown.hidden = false;
    shown.textContent = response.ok ? (await response.json()).lines.join("\n") : await problemText(response);
  });
}

export function tryings(root) {
  for (const form of root.querySelectorAll("form[data-try]")) trying(form);
}
