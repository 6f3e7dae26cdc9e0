// The console works without this file. It adds: a button that says it is working, autosave of a marked form,
// and marked parts of a page that are fetched again. No library, nothing inline, nothing from elsewhere.
"use strict";

const WAIT_AFTER_TYPING = 1500; // ms
const FETCHED = { "X-Fragment": "1" };

function say(text) {
  const place = document.getElementById("said");
  if (place && place.textContent !== text) place.textContent = text;
}

// -- a pressed button says that it is working; a second press sends nothing

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

window.addEventListener("pageshow", (event) => { // back from the browser's history: as it was
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-disabled");
  }
});

// -- autosave: <form data-autosave="URL" data-into="#id">: the answer is the fragment for that element

function autosaved(form) {
  let timer = 0;
  let running = false;
  let again = false;
  const save = async () => {
    if (form.dataset.sent) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        headers: { ...FETCHED, "Accept-Language": document.documentElement.lang },
        body: new URLSearchParams(new FormData(form)),
        redirect: "manual",
      });
      show(document.querySelector(form.dataset.into), await answer.text()); // of a refusal too, which says why
    } catch {
      say(document.body.dataset.stopped);
    }
    running = false;
    if (again) {
      again = false;
      save();
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_AFTER_TYPING);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

// -- live parts: <div data-live="URL" data-about="ID">: fetched again when the stream names what it is about

function show(place, html) {
  if (!place || place.dataset.shown === html) return;
  place.dataset.shown = html;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(...parsed.body.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  const spoken = place.querySelector("[data-said]");
  if (spoken) say(spoken.dataset.said);
}

async function fetchAgain(place) {
  try {
    const answer = await fetch(place.dataset.live, { headers: FETCHED, redirect: "manual" });
    if (answer.type === "opaqueredirect" || !answer.ok) stopped();
    else show(place, await answer.text());
  } catch {
    // the stream says so, and everything is fetched when it is back
  }
}

// -- the stream of news: only while the page is seen, since a browser has few connections to a host

const STREAM = document.body.dataset.stream;
let source = null;
let waiting = null;
let over = false;

function stopped() {
  over = true;
  closeStream();
  if (!document.querySelector("form[data-autosave]")) say(document.body.dataset.stopped); // to load it again loses text
}

function closeStream() {
  if (source) source.close();
  source = null;
}

function openStream() {
  if (source || over || !STREAM || document.hidden) return;
  source = new EventSource(STREAM);
  source.onmessage = (event) => told(JSON.parse(event.data));
  source.addEventListener("end", stopped);
  source.onerror = () => { // the browser tries again by itself, unless it was refused
    if (source && source.readyState === EventSource.CLOSED) stopped();
  };
}

function told(news) {
  const bell = document.getElementById("bell");
  if (bell) bell.textContent = news.waiting ? String(news.waiting) : "";
  if (waiting !== null && news.waiting > waiting) say(news.said);
  waiting = news.waiting;
  const line = document.getElementById("line");
  const turned = line && line.hidden === Boolean(news.line); // it was cut, or is back
  if (line) {
    if (news.line && line.hidden) say(news.line);
    line.hidden = !news.line;
    document.getElementById("line-says").textContent = news.line;
  }
  for (const place of document.querySelectorAll("[data-live]")) {
    const about = place.dataset.about.split(" ");
    if (news.about.some((each) => each === "*" || about.includes(each)) || (turned && about.includes("line"))) fetchAgain(place);
  }
}

document.addEventListener("visibilitychange", () => (document.hidden ? closeStream() : openStream()));
window.addEventListener("pagehide", closeStream);
window.addEventListener("pageshow", openStream);

// -- what the page brings along

for (const form of document.querySelectorAll("form[data-autosave]")) autosaved(form);
openStream();
const problem = document.getElementById("problem");
if (problem) problem.focus();
