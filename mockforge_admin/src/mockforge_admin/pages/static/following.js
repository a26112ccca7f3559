// data-tail="/parts/x/tail" data-whole="/parts/x" data-into="#id" data-most="100": puts rows that the server sends on
// top of the list, while it is live. Who has scrolled down, or stopped it, keeps what is being read where it is.
import { notice } from "./notices.js";
import { refresh } from "./parts.js";
import { pieceOf } from "./times.js";

function tail(element) {
  const box = document.querySelector("[data-live]");
  const list = element.querySelector(element.dataset.into);
  const button = element.querySelector("[data-waiting]");
  const most = Number(element.dataset.most);
  let source = null;
  let query = location.search.slice(1);
  let held = [];
  let missed = 0;

  const reading = () => list.getBoundingClientRect().top < -40;
  const stop = () => {
    source?.close();
    source = null;
  };
  const put = (rows) => {
    const body = list.querySelector("[data-rows]");
    list.querySelector("[data-empty]")?.remove();
    for (const row of rows) {
      if (!row.dataset.id || !body.querySelector(`[data-id="${row.dataset.id}"]`)) body.prepend(row);
    }
    while (body.children.length > most) body.lastElementChild.remove();
  };
  const flush = () => {
    put(held);
    held = [];
    missed = 0;
    button.hidden = true;
  };
  const arrived = (event) => {
    const rows = [...pieceOf(event.data).children].reverse();
    if (!reading()) {
      put(rows);
      return;
    }
    missed += rows.length;
    held = [...held, ...rows].slice(-most);
    button.textContent = missed === 1 ? "1 new request" : `${missed} new requests`;
    button.hidden = false;
  };
  const start = () => {
    stop();
    if (!box.checked || document.hidden) return;
    source = new EventSource(`${element.dataset.tail}?${query}`);
    // What came while nobody followed, before or between connections.
    source.onopen = () => {
      if (!reading()) refresh(list, `${element.dataset.whole}?${query}`).catch(() => {});
    };
    source.onmessage = arrived;
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      box.checked = false;
      stop();
      notice("The list is not live any more: too many follow the journal, or you are logged out.", "problem");
    };
  };

  element.addEventListener("filtered", (event) => {
    query = event.detail;
    held = [];
    flush();
    start();
  });
  button.addEventListener("click", () => {
    flush();
    element.scrollIntoView({ block: "start" });
  });
  addEventListener("scroll", () => held.length && !reading() && flush(), { passive: true });
  box.addEventListener("change", start);
  document.addEventListener("visibilitychange", start);
  addEventListener("pagehide", stop);
  start();
}

export function following(root) {
  for (const element of root.querySelectorAll("[data-tail]")) tail(element);
}
