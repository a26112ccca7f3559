// <form data-push>: sends a message to a connection, to all at a path, or to a room.
import { notice } from "./notices.js";
import { goOn, send } from "./sending.js";

function pusher(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { to, name, kind, message } = Object.fromEntries(new FormData(form));
    let value = message;
    if (kind === "json") {
      try {
        value = JSON.parse(message);
      } catch (error) {
        notice(`This is no JSON: ${error.message}`, "problem");
        return;
      }
    }
    const whom = to === "connection" ? Number(name) : name;
    const body = JSON.stringify({ to, name: whom, send: { [kind]: value } });
    const answer = await send("POST", "/__mockforge/connections/push", body);
    if (!answer) return;
    const count = answer.connections;
    const text = count === 0 ? "Nobody is there to get it." : `Sent to ${count === 1 ? "1 connection" : `${count} connections`}.`;
    notice(text, count ? "" : "warning");
    await goOn("refresh", null);
  });
}

export function pushing(root) {
  for (const form of root.querySelectorAll("form[data-push]")) pusher(form);
}
