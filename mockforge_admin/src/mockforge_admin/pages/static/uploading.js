// <form data-upload="/address/"> with a file and a name: puts the file below the address. The name of a file that was
// chosen is proposed.
import { goOn, send } from "./sending.js";

function upload(form) {
  const { file, name } = form.elements;
  file.addEventListener("change", () => {
    const folder = name.value.slice(0, name.value.lastIndexOf("/") + 1);
    if (file.files.length) name.value = folder + file.files[0].name;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const address = form.dataset.upload + name.value.split("/").map(encodeURIComponent).join("/");
    const done = await send("PUT", address, await file.files[0].arrayBuffer(), "application/octet-stream");
    if (done !== null) goOn("reload");
  });
}

export function uploads(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) upload(form);
}
