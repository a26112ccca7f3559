// data-tail="/parts/x/tail" data-most="100": puts rows that the server sends on top of the list, while it is live.
function tail(element) {
  const box = document.querySelector("[data-live]");
  const most = Number(element.dataset.most);
  let source = null;
  let query = location.search.slice(1);
  const stop = () => {
    source?.close();
    source = null;
  };
  const start = () => {
    stop();
    if (!box.checked || document.hidden) return;
    source = new EventSource(`${element.dataset.tail}?${query}`);
    source.onmessage = (event) => {
      const rows = element.querySelector("[data-rows]");
      element.querySelector("[data-empty]")?.remove();
      rows.insertAdjacentHTML("afterbegin", event.data);
      while (rows.children.length > most) rows.lastElementChild.remove();
    };
  };
  element.addEventListener("filtered", (event) => {
    query = event.detail;
    start();
  });
  box.addEventListener("change", start);
  document.addEventListener("visibilitychange", start);
  addEventListener("pagehide", stop);
  start();
}

export function following(root) {
  for (const element of root.querySelectorAll("[data-tail]")) tail(element);
}
