// The console works without this file. It adds: buttons that show work, autosave, parts that are fetched again.
"use strict";

const WAIT_AFTER_TYPING = 1500; // ms
const FIRST_PAUSE = 2000; // ms, then doubled
const LONGEST_PAUSE = 60000;
const LONGEST_ANSWER = 20000;
const UNTIL_STALE = 6000; // without the stream
const PAGE = document.body.dataset;
const byId = (id) => document.getElementById(id);
const all = (selector) => document.querySelectorAll(selector);
const grown = (pause) => Math.min(2 * pause || FIRST_PAUSE, LONGEST_PAUSE);

function put(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

const announce = (text) => put("said", text); // for screen readers

// -- a second press sends nothing

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  const button = event.submitter;
  if (!button) return;
  setTimeout(() => { // after the browser took its value
    button.setAttribute("aria-disabled", "true");
    if (button.classList.contains("plain")) return;
    button.dataset.label = button.textContent;
    button.textContent = PAGE.working;
  });
});

window.addEventListener("pageshow", (event) => { // back from the history
  if (!event.persisted) return;
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("button[data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-disabled");
  }
});

// A proxy's answer and a redirect have no such header
async function ask(url, more) {
  const answer = await fetch(url, {
    ...more,
    headers: { "X-Fragment": "1", "Accept-Language": document.documentElement.lang },
    redirect: "manual",
    signal: AbortSignal.timeout(LONGEST_ANSWER),
  });
  if (!answer.headers.has("X-Fragment")) throw new Error("a proxy");
  return answer;
}

// -- autosave: <form data-autosave="URL" data-into="#id">: the answer is the content of that element

function notify(text) { // at the top
  put("notice", text);
  if (text) announce(text);
}

function enableAutosave(form) {
  const into = document.querySelector(form.dataset.into);
  let timer = 0;
  let pause = 0; // 0: it answers
  let typed = 0; // changes so far
  let saved = 0; // of them
  let running = false;
  let again = false;
  let passed = false;
  const send = async () => {
    const sent = typed;
    const answer = await ask(form.dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    show(into, await answer.text()); // of a refusal too
    const refused = into.querySelector("[data-unsaved]");
    if (!refused) saved = sent;
    notify(refused ? refused.dataset.unsaved : "");
    return answer.status !== 429 && answer.status < 500;
  };
  const save = async () => {
    clearTimeout(timer);
    if (form.dataset.sent) return;
    again = running;
    if (running) return;
    running = true;
    form.dispatchEvent(new Event("checking"));
    const isDone = await send().catch(() => notify(form.dataset.away));
    form.dispatchEvent(new Event("checked"));
    pause = isDone ? 0 : grown(pause);
    if (pause) timer = setTimeout(save, pause);
    running = false;
    if (again) save();
  };
  const scheduleSave = () => {
    typed += 1;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_AFTER_TYPING);
  };
  for (const name of ["input", "change"]) form.addEventListener(name, scheduleSave);
  form.addEventListener("submit", async (event) => { // another page would replace the words
    if (passed || !(pause || openPause)) return;
    event.preventDefault();
    event.stopPropagation();
    await save();
    passed = !pause;
    if (passed) form.requestSubmit(event.submitter);
    passed = false;
  });
  document.addEventListener("answers", () => pause && save());
  window.addEventListener("beforeunload", (event) => {
    if (typed !== saved && !form.dataset.sent) event.preventDefault();
  });
}

// -- live parts: <div data-live="URL" data-about="ID">, fetched again when an event names the ID

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

function show(element, html) {
  if (!element || element.dataset.shown === html) return;
  element.dataset.shown = html;
  const parsed = parse(html);
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.replaceChildren(...parsed.body.childNodes);
  if (focused) byId(focused)?.focus();
  const announced = element.querySelector("[data-said]");
  if (announced) announce(announced.dataset.said);
}

async function fetchAgain(element) {
  try {
    const answer = await ask(element.dataset.live);
    if (answer.ok) show(element, await answer.text());
    else if (isRefused(answer)) stopStream(answer);
    else askAgain();
  } catch {
    askAgain();
  }
}

// -- the stream, while the page is visible

const STREAM = PAGE.stream;
const isDraft = document.querySelector("form[data-autosave]");
let source = null;
let waiting = null;
let hasStopped = false;
let hasTyped = false;
let staleTimer = 0;
let openTimer = 0;
let openPause = 0; // 0: it is open

const isRefused = ({ status }) => status > 399 && status < 500 && status !== 429;

async function stopStream(answer) {
  hasStopped = true;
  closeStream();
  clearTimeout(staleTimer);
  if (hasTyped || isDraft) return; // reloading the page would lose text
  const html = answer.status ? await answer.text().catch(() => "") : "";
  notify(`${parse(html).querySelector("main p")?.textContent ?? ""} ${PAGE.stopped}`.trim());
}

function closeStream() {
  source?.close();
  source = null;
  clearTimeout(openTimer);
}

// A browser gives up after another answer
async function askAgain() {
  closeStream();
  reportLater();
  const answer = await ask(STREAM).catch(() => ({}));
  if (isRefused(answer)) return stopStream(answer);
  if (source) return;
  openPause = grown(openPause);
  openTimer = setTimeout(answer.status === 204 ? openStream : askAgain, openPause);
}

function reportLater() {
  if (!staleTimer && !isDraft) staleTimer = setTimeout(notify, UNTIL_STALE, PAGE.away);
}

// The gateway sends something every 10 s
function expectMore() {
  clearTimeout(openTimer);
  openTimer = setTimeout(askAgain, LONGEST_ANSWER);
}

function openStream() {
  if (source || hasStopped || !STREAM || document.hidden) return;
  source = new EventSource(STREAM);
  expectMore();
  source.onmessage = (event) => {
    expectMore();
    applyEvent(JSON.parse(event.data));
  };
  source.addEventListener("alive", expectMore);
  source.onopen = () => {
    expectMore();
    clearTimeout(staleTimer);
    staleTimer = openPause = 0;
    if (!isDraft) notify("");
    document.dispatchEvent(new Event("answers"));
  };
  source.addEventListener("end", stopStream);
  source.onerror = () => (source?.readyState === EventSource.CLOSED ? askAgain() : reportLater());
}

function applyEvent(news) {
  byId("bell").textContent = news.waiting || "";
  if (waiting !== null && news.waiting > waiting) announce(news.said);
  waiting = news.waiting;
  const line = byId("line");
  const hasChanged = line.hidden === Boolean(news.line); // cut or restored
  if (news.line && line.hidden) announce(news.line);
  line.hidden = !news.line;
  put("line-says", news.line);
  for (const element of all("[data-live]")) {
    const about = element.dataset.about.split(" ");
    if (news.about.some((each) => each === "*" || about.includes(each)) || (hasChanged && about.includes("line"))) fetchAgain(element);
  }
}

document.addEventListener("input", () => (hasTyped = true));
document.addEventListener("visibilitychange", () => (document.hidden ? closeStream() : openStream()));
window.addEventListener("pagehide", closeStream);
window.addEventListener("pageshow", openStream);

// -- at the load of the page

for (const form of all("form[data-autosave]")) enableAutosave(form);
openStream();
byId("problem")?.focus();
