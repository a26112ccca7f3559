// <time datetime="..."> in the zone and the habits of who looks: data-as="clock" (the date only if it is another
// day), "full".
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(undefined, CLOCK);
const dated = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...CLOCK });
const full = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric", ...CLOCK, fractionalSecondDigits: 3, timeZoneName: "short",
});

export function times(root) {
  const today = new Date().toDateString();
  for (const shown of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(shown.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const short = moment.toDateString() === today ? clock : dated;
    shown.textContent = (shown.dataset.as === "full" ? full : short).format(moment);
    shown.title = full.format(moment);
  }
}

// A piece of document made of HTML that the server sent, its times as they are shown here.
export function pieceOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  times(template.content);
  return template.content;
}
