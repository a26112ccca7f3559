// data-part="/parts/x" data-every="5": fetches the part again every so many seconds while the page is seen.
// <form data-filters="/parts/x" data-into="#id">: fetches the part for what is typed.
import { morph } from "./morph.js";
import { pieceOf } from "./times.js";

export async function refresh(element, address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (response.status === 401) location.assign("/login");
  if (!response.ok) return;
  morph(element, pieceOf(await response.text()));
}

function repeat(element) {
  const wait = Number(element.dataset.every) * 1000;
  const turn = async () => {
    // A server that is down for a moment is asked again next time.
    if (!document.hidden && element.isConnected) await refresh(element, element.dataset.part).catch(() => {});
    setTimeout(turn, wait);
  };
  setTimeout(turn, wait);
}

function filter(form) {
  const target = document.querySelector(form.dataset.into);
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const turn = ++asked;
    const query = queryOf(form);
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    await refresh(target, `${form.dataset.filters}?${query}`);
    if (turn === asked) target.dispatchEvent(new CustomEvent("filtered", { bubbles: true, detail: query }));
  };
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-live]")) return;
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
}

export function queryOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  return new URLSearchParams(fields).toString();
}

export function parts(root) {
  for (const element of root.querySelectorAll("[data-part][data-every]")) repeat(element);
  for (const form of root.querySelectorAll("form[data-filters]")) filter(form);
}
