// Several people on one checklist: asks every few seconds what others answered or said and who is here,
// and fetches only what changed. What somebody is writing is never replaced: the question says that it was
// changed, and saving then shows both.

const NEAR = 4; // seconds between two questions to the server
const FAR = 15; // the same after five minutes without a hand on the page
const IDLE = 5 * 60 * 1000;
const QUIET = 60 * 1000; // the least time between two words to a screen reader
const LONGEST = 60;

const here = document.querySelector("[data-here]");
const news = here && here.querySelector("[data-news]");
const names = here && here.querySelector("[data-names]");
const since = here && here.querySelector("[data-since]");
const wanted = { version: new Map(), talk: new Map() };
let etag = "";
let fails = 0;
let touched = Date.now();
let spoken = Date.now();
let timer = 0;
let asking = false;
let swapped = false; // a part of this page since the last question: what was asked for before it is old

const article = (key) => document.getElementById(key);
const talkOf = (key) => document.getElementById(`${key}-gespraech`);
const shownVersion = (question) => Number(question.querySelector(".gs-q__form [name=version]")?.value ?? -1);

function later() {
  clearTimeout(timer);
  const usual = Date.now() - touched > IDLE ? FAR : NEAR;
  timer = setTimeout(ask, Math.min(usual * 2 ** fails, LONGEST) * 1000);
}

async function ask() {
  clearTimeout(timer);
  if (asking || document.visibilityState !== "visible") return;
  asking = true;
  swapped = false;
  try {
    const answer = await get(here.dataset.state, etag ? { "If-None-Match": etag } : {});
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") || "";
      learn(await answer.json());
    }
    fails = 0;
    await refresh();
  } catch (error) {
    if (error instanceof Away) return; // nothing to see here any more: the next save says why
    fails += 1;
  } finally {
    asking = false;
  }
  later();
}

class Away extends Error {}

async function get(address, headers = {}) {
  const response = await fetch(address, {
    headers: { ...headers, "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(10_000),
  });
  if (response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) throw new Away();
  if (response.status !== 304 && !response.ok) throw new Error(String(response.status));
  return response;
}

// --- What one is told ----------------------------------------------------------------------------
function learn(state) {
  names.hidden = !state.here.length;
  names.textContent = state.here.length
    ? `${names.dataset.label} ${new Intl.ListFormat("de").format(state.here)}`
    : "";
  for (const button of document.querySelectorAll("[data-marks] [data-mark]")) {
    const on = button.dataset.mark === state.mark;
    button.setAttribute("aria-pressed", String(on));
    button.value = on ? "" : button.dataset.mark;
  }
  for (const question of document.querySelectorAll("[data-questions] .gs-q")) {
    const [version, talk] = state.questions[question.id] || [0, ""];
    wanted.version.set(question.id, version);
    wanted.talk.set(question.id, talk);
  }
}

// --- What one sees -------------------------------------------------------------------------------
async function refresh() {
  let changed = false;
  for (const [key, version] of wanted.version) {
    const question = article(key);
    const newer = version > shownVersion(question);
    const held = newer ? window.gsAnswers.held(question) : "";
    if (held === "typed") say(question);
    const answered = newer && !held;
    const said = !swapped && talkOf(key) && (talkOf(key).dataset.talk ?? "") !== wanted.talk.get(key);
    if (!answered && !said) continue;
    const text = await (await get(here.dataset.question.replace("A00-00", key))).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById(key);
    if (!fresh) continue;
    // Somebody may have begun to write while the answer was under way.
    if (answered && !window.gsAnswers.held(question)) {
      silently(question, fresh, page);
      changed = true;
    } else if (said && !swapped) {
      window.gsMorph(talkOf(key), page.getElementById(`${key}-gespraech`));
    }
    window.htmx?.process(question);
  }
  if (changed) tell();
}

function say(question) {
  if (question.querySelector("[data-changed]")) return;
  question.querySelector(".gs-q__side").append(since.content.cloneNode(true));
}

// The question's own live region says what one did oneself; what others do must not be read out.
function silently(question, fresh, page) {
  for (const part of [question, fresh]) part.querySelector("[data-status]")?.setAttribute("role", "none");
  window.gsAnswers.show(fresh, page);
  setTimeout(() => question.querySelector("[data-status]")?.setAttribute("role", "status"), 1000);
}

function tell() {
  if (Date.now() - spoken < QUIET) return;
  spoken = Date.now();
  news.textContent = "";
  setTimeout(() => (news.textContent = news.dataset.word), 100);
}

if (here && window.gsAnswers) {
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true });
  }
  document.addEventListener("htmx:afterSwap", () => (swapped = true));
  document.addEventListener("visibilitychange", ask);
  ask();
}
