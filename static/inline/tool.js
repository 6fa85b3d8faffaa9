"use strict";
// Comfort only: results are shown by style alone.
const form = document.querySelector("form.tool");
// A page that a browser kept comes back without answers.
addEventListener("pageshow", event => { if (event.persisted) form.reset(); });
// One question at a time; not on the worksheet of older browsers.
if (CSS.supports("selector(:has(a))")) {
const questions = [...form.querySelectorAll(".q")];
const result = form.querySelector("#result");
const seen = element => getComputedStyle(element).display !== "none";
const make = (name, text, click) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button " + name;
  button.textContent = text;
  button.onclick = click;
  return button;
};

let at = 0;
form.classList.add("one");
// The questions that the rules show. We hold back all but one, by other means than `display`.
const inView = () => questions.filter(seen);
const next = (found = inView()) => found.find(q => questions.indexOf(q) > at)
  || ([...result.children].some(seen) ? result : null);
const update = () => {
  const found = inView();
  // A question that was in view for its one sign is gone when that is taken back.
  if (!found.includes(questions[at])) return go(next(found) || found.at(-1));
  on.hidden = next(found) === result;  // the bar with the result leads on
  back.hidden = !at;
  say.textContent = "";
};
const open = place => {
  at = place;
  questions.forEach((q, n) => q.classList.toggle("at", n === at));
  update();
};
const go = element => {
  if (element !== result) open(questions.indexOf(element));
  const heading = element.querySelector("legend h2") || element;
  heading.tabIndex = -1;
  heading.focus({preventScroll: true});
  element.scrollIntoView();
};

const back = make("quiet", "Back", () => {
  go(inView().filter(q => at > questions.indexOf(q)).pop());
});
const on = make("", "Next", () => {
  const to = next();
  if (to) go(to);
  else say.textContent = "Choose an answer to go on.";
});
const say = document.createElement("span");
say.setAttribute("role", "status");
const walk = document.createElement("div");
walk.className = "walk";
walk.append(back, on, say);
questions.at(-1).after(walk);
// The answer that it ticks is far below, and so is Next.
for (const none of form.querySelectorAll(".none")) {
  none.onclick = () => setTimeout(() => walk.scrollIntoView({block: "nearest"}));
}
result.querySelector(".any").append(make("quiet", "Print", () => print()));

form.addEventListener("change", update);
form.addEventListener("reset", () => setTimeout(() => go(questions[0])));
for (const link of form.querySelectorAll(".live a[href='#result']")) {
  link.onclick = event => { event.preventDefault(); go(result); };
}
open(0);
}
