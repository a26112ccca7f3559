// What makes the pages live. Elements say by attributes what they do; without scripts links and forms still work.
import { editors } from "./editor.js";
import { following } from "./following.js";
import { keys } from "./keys.js";
import { menu } from "./menu.js";
import { parts } from "./parts.js";
import { pushing } from "./pushing.js";
import { sending } from "./sending.js";
import { times } from "./times.js";
import { tryings } from "./trying.js";
import { uploads } from "./uploading.js";

for (const start of [times, menu, parts, following, sending, pushing, uploads, editors, tryings, keys]) start(document);
