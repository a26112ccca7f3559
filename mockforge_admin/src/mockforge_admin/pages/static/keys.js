// g and a letter goes to a page, / to the search field; nothing while something is typed.
export function keys(root) {
  let going = false;
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (going) {
      going = false;
      root.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
    } else if (event.key === "g") {
      going = true;
    } else if (event.key === "/") {
      const search = root.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });
}
