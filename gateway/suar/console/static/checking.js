// While a table is proved, <form data-checks="... {number} ..."> shows after two seconds how long it has taken, in its
// elements .checking. The region for screen readers says so at once and then every ten seconds. Without this file, the
// button that was pressed shows that it is working.
"use strict";

const UNTIL_SAID = 2; // seconds
const UNTIL_REPEATED = 10;

function enableClock(form) {
  const lines = form.querySelectorAll(".checking");
  let timer = 0;
  let next = 0; // seconds when it is said again
  const stop = () => {
    clearInterval(timer);
    for (const line of lines) line.hidden = true;
  };
  const tell = (seconds) => {
    const text = form.dataset.checks.replace("{number}", seconds);
    for (const line of lines) line.textContent = text;
    for (const line of lines) line.hidden = false;
    if (seconds < next) return;
    next = seconds + UNTIL_REPEATED;
    announce(text);
  };
  const start = () => {
    stop();
    next = UNTIL_SAID;
    const begun = performance.now();
    timer = setInterval(() => {
      const seconds = Math.round((performance.now() - begun) / 1000);
      if (seconds >= UNTIL_SAID) tell(seconds);
    }, 1000);
  };
  form.addEventListener("checking", start); // by autosave
  form.addEventListener("checked", () => form.dataset.sent || stop());
  form.addEventListener("submit", () => form.dataset.sent || start());
  window.addEventListener("pageshow", (event) => event.persisted && stop());
}

for (const form of document.querySelectorAll("form[data-checks]")) enableClock(form);
