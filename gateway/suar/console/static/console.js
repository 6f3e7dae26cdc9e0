// The console works without this file. It adds: a button that shows that it is working, autosave of a marked form,
// and marked parts of a page that are fetched again. No library, nothing inline, nothing from another host.
"use strict";

const WAIT_AFTER_TYPING = 1500; // ms
const FIRST_PAUSE = 2000; // ms, each further one twice as long
const LONGEST_PAUSE = 60000;
const LONGEST_ANSWER = 20000;
const UNTIL_STALE = 6000; // ms without the stream
const FETCHED = { "X-Fragment": "1" };

function announce(text) { // for screen readers
  const region = document.getElementById("said");
  if (region && region.textContent !== text) region.textContent = text;
}

// -- a pressed button shows that it is working; a second press sends nothing

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (!button) return;
  setTimeout(() => { // after the browser has taken the button's own value
    button.setAttribute("aria-disabled", "true");
    if (!button.classList.contains("plain")) {
      button.dataset.label = button.textContent;
      button.textContent = document.body.dataset.working;
    }
  });
});

window.addEventListener("pageshow", (event) => { // back from the browser's history: restore it
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-disabled");
  }
});

// -- autosave: <form data-autosave="URL" data-into="#id">: the answer is the content of that element
// While nothing answers, the page says so, and what is typed is sent again after a growing pause; nobody is told to reload.

function notify(text) { // for everybody, at the top of the window
  const notice = document.getElementById("notice");
  if (notice.textContent !== text) notice.textContent = text;
  if (text) announce(text);
}

function enableAutosave(form) {
  const into = document.querySelector(form.dataset.into);
  let timer = 0;
  let pause = 0; // ms; 0 while the gateway answers
  let typed = 0; // changes so far
  let saved = 0; // of them
  let running = false;
  let again = false;
  const send = async () => {
    const sent = typed;
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      headers: { ...FETCHED, "Accept-Language": document.documentElement.lang },
      body: new URLSearchParams(new FormData(form)),
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST_ANSWER),
    });
    if (answer.status > 501) throw new Error("not of the gateway"); // but of what stands before it
    show(into, await answer.text()); // also that of a refusal, which has the reason
    const refused = into.querySelector("[data-unsaved]");
    if (!refused) saved = sent;
    notify(refused ? refused.dataset.unsaved : "");
    return answer.status !== 429 && answer.status < 500;
  };
  const save = async () => {
    clearTimeout(timer);
    if (form.dataset.sent) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    form.dispatchEvent(new Event("checking"));
    const isDone = await send().catch(() => notify(form.dataset.away));
    form.dispatchEvent(new Event("checked"));
    pause = isDone ? 0 : Math.min(2 * pause || FIRST_PAUSE, LONGEST_PAUSE);
    if (pause) timer = setTimeout(save, pause);
    running = false;
    if (again) {
      again = false;
      save();
    }
  };
  const scheduleSave = () => {
    typed += 1;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_AFTER_TYPING);
  };
  form.addEventListener("input", scheduleSave);
  form.addEventListener("change", scheduleSave);
  form.addEventListener("submit", async (event) => { // a page that cannot be loaded would take the place of the words
    if (!pause) return;
    event.preventDefault();
    event.stopPropagation();
    await save();
    if (!pause) form.requestSubmit(event.submitter);
  });
  document.addEventListener("answers", () => pause && save());
  window.addEventListener("beforeunload", (event) => {
    if (typed !== saved && !form.dataset.sent) event.preventDefault();
  });
}

// -- live parts: <div data-live="URL" data-about="ID">: fetched again when an event of the stream names the ID

function show(element, html) {
  if (!element || element.dataset.shown === html) return;
  element.dataset.shown = html;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.replaceChildren(...parsed.body.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  const announced = element.querySelector("[data-said]");
  if (announced) announce(announced.dataset.said);
}

async function fetchAgain(element) {
  try {
    const answer = await fetch(element.dataset.live, { headers: FETCHED, redirect: "manual" });
    if (answer.type === "opaqueredirect" || !answer.ok) stopStream();
    else show(element, await answer.text());
  } catch {
    // the stream reports it, and everything is fetched when it is open again
  }
}

// -- the stream of events: only while the page is visible, since a browser has few connections to a host

const STREAM = document.body.dataset.stream;
let source = null;
let waiting = null;
let hasStopped = false;
let hasTyped = false;
let staleTimer = 0;

function stopStream() {
  hasStopped = true;
  closeStream();
  if (!hasTyped && !document.querySelector("form[data-autosave]")) notify(document.body.dataset.stopped); // reloading the page would lose text
}

function closeStream() {
  if (source) source.close();
  source = null;
  clearTimeout(staleTimer);
  staleTimer = 0;
}

function openStream() {
  if (source || hasStopped || !STREAM || document.hidden) return;
  source = new EventSource(STREAM);
  source.onmessage = (event) => applyEvent(JSON.parse(event.data));
  source.onopen = () => {
    clearTimeout(staleTimer);
    staleTimer = 0;
    if (document.querySelector("[data-live]")) notify("");
    document.dispatchEvent(new Event("answers"));
  };
  source.addEventListener("end", stopStream);
  source.onerror = () => { // the browser tries again, unless it was refused
    if (source && source.readyState === EventSource.CLOSED) stopStream();
    else if (!staleTimer && document.querySelector("[data-live]")) staleTimer = setTimeout(notify, UNTIL_STALE, document.body.dataset.away);
  };
}

function applyEvent(news) {
  const bell = document.getElementById("bell");
  if (bell) bell.textContent = news.waiting ? String(news.waiting) : "";
  if (waiting !== null && news.waiting > waiting) announce(news.said);
  waiting = news.waiting;
  const line = document.getElementById("line");
  const hasChanged = line && line.hidden === Boolean(news.line); // the line was cut, or is restored
  if (line) {
    if (news.line && line.hidden) announce(news.line);
    line.hidden = !news.line;
    document.getElementById("line-says").textContent = news.line;
  }
  for (const element of document.querySelectorAll("[data-live]")) {
    const about = element.dataset.about.split(" ");
    if (news.about.some((each) => each === "*" || about.includes(each)) || (hasChanged && about.includes("line"))) fetchAgain(element);
  }
}

document.addEventListener("input", () => (hasTyped = true));
document.addEventListener("visibilitychange", () => (document.hidden ? closeStream() : openStream()));
window.addEventListener("pagehide", closeStream);
window.addEventListener("pageshow", openStream);

// -- at the load of the page

for (const form of document.querySelectorAll("form[data-autosave]")) enableAutosave(form);
openStream();
const problem = document.getElementById("problem");
if (problem) problem.focus();
