// <button data-send="DELETE /address" data-body='{}' data-ask="Really?" data-then="reload|/address">: sends that.
// <button data-copy="#id">: copies the text of an element.
import { notice, problemText } from "./notices.js";

export async function send(method, address, body, type = "application/json") {
  const headers = body === undefined ? {} : { "Content-Type": type };
  const response = await fetch(address, { method, body, headers });
  if (!response.ok) notice(await problemText(response), "problem");
  return response.ok;
}

export function goOn(then) {
  if (then === "reload") location.reload();
  else if (then) location.assign(then);
}

export function sending(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-send], [data-copy]");
    if (!button) return;
    if (button.dataset.copy) {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      notice("Copied.");
      return;
    }
    if (button.dataset.ask && !confirm(button.dataset.ask)) return;
    const [method, address] = button.dataset.send.split(" ");
    button.disabled = true;
    const done = await send(method, address, button.dataset.body);
    button.disabled = false;
    if (done) goOn(button.dataset.then);
  });
}
