// Asks before something that cannot be taken back; Escape and Cancel are no.
export function ask(text, verb) {
  const dialog = document.querySelector("#ask");
  dialog.querySelector("p").textContent = text;
  dialog.querySelector("[value=yes]").textContent = verb || "Yes";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
