// <button data-send="DELETE /address" data-body='{}' data-ask="Really?" data-verb="Delete" data-done="Deleted."
//  data-then="refresh|reload|/address">: sends that.
// <button data-copy="#id">: copies the text of an element.
import { ask } from "./asking.js";
import { notice, problemText, sentence } from "./notices.js";
import { refresh } from "./parts.js";

// What was answered, or null where it was refused or nobody answers: a notice says why.
export async function send(method, address, body, type = "application/json") {
  const headers = body === undefined ? {} : { "Content-Type": type };
  let response;
  try {
    response = await fetch(address, { method, body, headers });
  } catch {
    notice("MockForge does not answer.", "problem");
    return null;
  }
  if (!response.ok) {
    notice(await problemText(response), "problem");
    return null;
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Shows what a button has changed: the part of the page it is in, the page again, or another.
export async function goOn(then, element) {
  const part = element?.closest("[data-part]") ?? document.querySelector("[data-part]");
  if (then === "refresh" && part) await refresh(part, part.dataset.part + location.search);
  else if (then === "reload" || then === "refresh") location.reload();
  else if (then) location.assign(then);
}

async function copy(element) {
  const text = element.textContent;
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    // Over plain HTTP from another machine there is no clipboard: what is selected can be copied all the same.
    getSelection().selectAllChildren(element);
    document.execCommand("copy");
  }
  notice("Copied.");
}

async function press(button) {
  const { ask: question, verb, then, done, body } = button.dataset;
  if (question && !(await ask(question, verb))) return;
  const [method, address] = button.dataset.send.split(" ");
  button.disabled = true;
  const answer = await send(method, address, body);
  button.disabled = false;
  if (answer === null) return;
  const problems = answer.problems ?? [];
  for (const each of problems) notice(sentence(each.message, each.hint), "problem");
  if (done && !problems.length) notice(done);
  await goOn(then, button);
}

export function sending(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send], [data-copy]");
    if (!button) return;
    if (button.dataset.copy) copy(document.querySelector(button.dataset.copy));
    else press(button);
  });
}
