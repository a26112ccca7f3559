// What makes the pages live. Elements say by attributes what they do; without scripts links and forms still work.
import { editors } from "./editor.js";
import { following } from "./following.js";
import { keys } from "./keys.js";
import { parts } from "./parts.js";
import { sending } from "./sending.js";
import { tryings } from "./trying.js";

for (const start of [parts, following, sending, editors, tryings, keys]) start(document);
