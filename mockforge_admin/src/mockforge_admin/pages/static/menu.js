// On a narrow screen the menu is behind a button.
export function menu(root) {
  const button = root.querySelector("[data-menu]");
  const nav = root.querySelector("nav");
  if (!button) return;
  const show = (open) => {
    button.setAttribute("aria-expanded", open);
    nav.classList.toggle("open", open);
  };
  button.hidden = false;
  show(false);
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
    show(false);
    button.focus();
  });
}
