// g and a letter goes to a page, / to the search field; nothing while something is typed.
const WAIT = 1500;

export function keys(root) {
  let until = 0;
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select") || root.querySelector("dialog[open]")) return;
    if (event.timeStamp < until) {
      until = 0;
      root.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
    } else if (event.key === "g") {
      until = event.timeStamp + WAIT;
    } else if (event.key === "/") {
      const search = root.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });
}
