// Saving answers. Each question has a queue: its requests go out one after the other, and each takes
// the version that the last response brought. What could not be saved stays visible and is sent again.
// Without this file the forms are plain forms (or htmx forms) and work as such.
(function () {
  "use strict";

  const list = document.querySelector("[data-questions]");
  if (!list || !window.gsMorph) return;

  const WAITS = [2, 4, 8, 15, 30, 60]; // seconds until the next try
  const TIMEOUT = 15000;
  const queues = new Map();
  const word = (name) => document.getElementById("woerter").content.querySelector(`[data-word=${name}]`).textContent;
  const copy = (id) => document.getElementById(id).content.cloneNode(true);
  const article = (key) => document.getElementById(key);
  const control = (question) => question.querySelector(".gs-answer");
  const noteField = (question) => question.querySelector(".gs-q__form [name=notiz]");
  const savedNote = (question) => {
    const field = noteField(question);
    return field ? (field.dataset.saved ?? field.defaultValue) : "";
  };

  // --- The queue ---------------------------------------------------------------------------------
  // head: on its way, or failed and first to be sent again; next: what was chosen meanwhile, merged.
  function queueOf(key) {
    if (!queues.has(key)) {
      queues.set(key, { key, head: null, next: null, busy: false, fails: 0, why: "", refused: false, timer: 0, due: 0, version: null, merges: 0 });
    }
    return queues.get(key);
  }

  function add(question, job) {
    const queue = queueOf(question.id);
    const same = queue.busy && !queue.next && Object.keys(job).every((name) => queue.head[name] === job[name]);
    // What the server refused is surely not saved: the new choice replaces it. After a lost answer it may
    // be saved, so it goes first once more and the new choice follows.
    if (queue.head && queue.refused && !queue.busy) queue.head = { ...queue.head, ...job };
    else if (!same) queue.next = { ...queue.next, ...job };
    paint(queue);
    send(queue);
  }

  function csrf(form) {
    // After a new login in another window the cookie is newer than the form.
    const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
    return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
  }

  async function send(queue) {
    if (queue.busy) return;
    if (!queue.head) {
      queue.head = queue.next;
      queue.next = null;
    }
    if (!queue.head) return;
    clearTimeout(queue.timer);
    queue.busy = true;
    queue.due = 0;
    paint(queue);
    const question = article(queue.key);
    const form = question.querySelector(".gs-q__form");
    const job = queue.head;
    const version = queue.version ?? form.elements.version.value;
    const base = { value: question.dataset.value, note: savedNote(question) };
    const body = new URLSearchParams({ csrfmiddlewaretoken: csrf(form), version });
    for (const name of ["antwort", "grund", "notiz"]) if (name in job) body.set(name, job[name]);
    let response, text;
    try {
      response = await fetch(form.getAttribute("action"), {
        method: "POST",
        body,
        headers: { "HX-Request": "true", Accept: "text/html" },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: true,
        signal: AbortSignal.timeout(TIMEOUT),
      });
      text = await response.text();
    } catch (_) {
      queue.busy = false;
      return fail(queue, "offline", true);
    }
    queue.busy = false;
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById(queue.key);
    if (!fresh || ![200, 409, 422].includes(response.status)) return refuse(queue, response);
    if (response.status === 409 && fresh.querySelector("[data-conflict]")) return clash(queue, fresh, page, base, version);
    queue.head = queue.version = null;
    queue.fails = queue.merges = 0;
    show(queue, fresh, page, response.status === 200 ? job : null);
    send(queue);
  }

  function refuse(queue, response) {
    const status = response.status;
    const away =
      response.type === "opaqueredirect" ||
      status === 401 ||
      response.headers.has("HX-Redirect") ||
      (status === 403 && !document.cookie.includes("csrftoken="));
    if (away) return fail(queue, "login", false);
    if (status === 403) return fail(queue, "denied", false);
    if (status === 404) return fail(queue, "gone", false);
    if (status === 413) return fail(queue, "large", false);
    if (status === 429) return fail(queue, "busy", true, Number(response.headers.get("Retry-After")));
    return fail(queue, status >= 500 || status < 300 ? "server" : "denied", status >= 500 || status < 300);
  }

  // Somebody else changed the question. If only in the part that we leave alone, ours goes on top;
  // else both stand side by side and the person decides.
  function clash(queue, fresh, page, base, version) {
    const job = queue.head;
    const theirs = { value: fresh.dataset.value, note: savedNote(fresh) };
    const apart =
      (!("antwort" in job) || (theirs.value === base.value && base.value !== "entfaellt")) &&
      (!("notiz" in job) || theirs.note === base.note);
    if (apart && queue.merges < 3) {
      queue.merges += 1;
      queue.version = fresh.querySelector("[name=version]").value;
      return send(queue);
    }
    if (queue.next) {
      // Chosen before the other answer could be seen: ask again with the newest choice.
      queue.head = { ...job, ...queue.next };
      queue.next = null;
      queue.version = version;
      return send(queue);
    }
    queue.head = queue.version = null;
    queue.fails = queue.merges = 0;
    show(queue, fresh, page, null);
  }

  function fail(queue, why, again, seconds) {
    queue.why = why;
    queue.refused = !again;
    queue.fails += 1;
    clearTimeout(queue.timer);
    if (again) {
      const wait = seconds > 0 ? seconds : WAITS[Math.min(queue.fails, WAITS.length) - 1];
      queue.due = Date.now() + wait * 1000;
      queue.timer = setTimeout(() => send(queue), wait * 1000);
    }
    paint(queue);
  }

  // --- What one sees -----------------------------------------------------------------------------
  // When something here was last saved, by this device's clock; nobody else learns it.
  let savedAt = "";
  function sayWhen(saved) {
    if (saved) savedAt = new Date().toLocaleTimeString("de", { hour: "2-digit", minute: "2-digit" });
    const place = document.querySelector("[data-saved-at]");
    if (!place || !savedAt) return;
    place.hidden = false;
    place.querySelector("span").textContent = savedAt;
  }

  function show(queue, fresh, page, saved) {
    const question = article(queue.key);
    const inside = question.contains(document.activeElement) ? document.activeElement : null;
    if (saved && "notiz" in saved) {
      // The field holds what is saved now, unless somebody went on writing.
      const field = noteField(question);
      if (field && field.value === saved.notiz) field.defaultValue = saved.notiz;
    }
    window.gsMorph(question, fresh);
    for (const id of ["fortschritt", "rest"]) {
      const part = page.getElementById(id);
      if (!part) continue;
      part.removeAttribute("hx-swap-oob");
      window.gsMorph(document.getElementById(id), part);
    }
    const earlier = document.getElementById("uebernommen");
    const left = page.getElementById("uebernommen");
    if (earlier && left) window.gsMorph(earlier, left);
    else if (earlier) earlier.remove();
    if (saved && saved.antwort === "entfaellt") closeReason(question, inside);
    if (saved && saved.close) closeNote(question, inside);
    if (inside && !inside.isConnected) landing(question).focus({ preventScroll: true });
    for (const other of queues.values()) paint(other);
    sayWhen(saved);
    document.dispatchEvent(new CustomEvent("gs:saved", { detail: { key: queue.key } }));
  }

  function landing(question) {
    return question.querySelector(".gs-a[aria-pressed=true]") || question.querySelector(".gs-a") || question;
  }

  function paint(queue) {
    const question = article(queue.key);
    const answer = control(question);
    const waiting = queue.next || queue.head;
    const failed = queue.fails > 0 && queue.head;
    if (answer && waiting) {
      const chosen = { ...queue.head, ...queue.next }.antwort ?? question.dataset.value;
      const moves = chosen !== question.dataset.value;
      for (const button of answer.querySelectorAll("[data-answer]")) {
        const on = button.dataset.answer === chosen;
        button.setAttribute("aria-pressed", String(on));
        if (button.matches(".gs-a--ja, .gs-a--nein")) {
          button.querySelector("use").setAttribute("href", `#m-${button.dataset.answer}${on ? "" : "-leer"}`);
        }
      }
      answer.classList.toggle("is-answered", chosen !== "");
      answer.classList.toggle("is-saving", moves && !failed);
      answer.classList.toggle("is-unsaved", Boolean(failed) && "antwort" in { ...queue.head, ...queue.next });
      const status = question.querySelector("[data-status]");
      if (failed) status.replaceChildren();
      else if (!status.querySelector(".gs-saving")) status.replaceChildren(copy("wird-gespeichert"));
    }
    paintFailure(queue, question, failed);
    count();
  }

  function paintFailure(queue, question, failed) {
    let box = question.querySelector("[data-failed]");
    if (!failed) {
      if (box) box.remove();
      return;
    }
    if (!box) {
      question.querySelector(".gs-q__side").append(copy("fehler"));
      box = question.querySelector("[data-failed]");
    }
    // Said once for each reason: a live region must not count seconds aloud.
    if (box.dataset.failed !== queue.why) {
      box.dataset.failed = queue.why;
      const sentence = ["fehler-saetze", "fehler-wege"]
        .map((id) => document.getElementById(id).content.querySelector(`[data-case=${queue.why}]`))
        .find(Boolean);
      box.querySelector("[data-why]").replaceChildren(...[...sentence.cloneNode(true).childNodes]);
    }
    tick(queue, box);
    mark(question.querySelector(".gs-q__no .gs-m"));
  }

  function tick(queue, box) {
    const when = box && box.querySelector("[data-when]");
    if (!when) return;
    const seconds = Math.max(1, Math.round((queue.due - Date.now()) / 1000));
    const sentence = seconds === 1 ? word("soon") : word("in").replace("%s", seconds);
    when.textContent = queue.due ? sentence : word("now");
  }

  function mark(sign) {
    sign.setAttribute("class", "gs-m gs-m--ungesichert");
    if (sign.hasAttribute("aria-label")) sign.setAttribute("aria-label", word("unsaved"));
    sign.querySelector("use").setAttribute("href", "#m-ungesichert");
  }

  function count() {
    const failed = [...queues.values()].filter((queue) => queue.fails > 0 && queue.head);
    const shown = document.querySelector("#fortschritt [data-unsaved]");
    const before = shown.parentElement.firstChild;
    const comma = before !== shown && before.textContent.trim() ? ", " : "";
    shown.textContent = failed.length ? `${comma}${failed.length} ${word("unsaved")}` : "";
    shown.hidden = !failed.length;
    for (const { key } of failed) {
      const link = document.querySelector(`#fortschritt a[href="#${key}"]`);
      mark(link.querySelector(".gs-m"));
      mark(document.querySelectorAll("#fortschritt .gs-bar__thin .gs-m")[[...link.parentElement.children].indexOf(link)]);
      link.setAttribute("aria-label", link.getAttribute("aria-label").replace(/:.*/, `: ${word("unsaved")}`));
    }
  }

  setInterval(() => {
    for (const queue of queues.values()) {
      if (queue.due) tick(queue, article(queue.key).querySelector("[data-failed]"));
    }
  }, 1000);

  // --- What one does -----------------------------------------------------------------------------
  function openReason(question) {
    const fold = question.querySelector(".gs-reason");
    fold.open = true;
    fold.querySelector("textarea").focus();
  }

  function closeReason(question, inside) {
    const fold = question.querySelector(".gs-reason");
    const back = inside && fold.contains(inside);
    fold.open = false;
    if (back) question.querySelector("[data-answer=entfaellt]").focus({ preventScroll: true });
  }

  function closeNote(question, inside) {
    const fold = question.querySelector(".gs-q__note");
    const back = inside && fold.contains(inside);
    fold.open = false;
    if (back) fold.querySelector("summary").focus({ preventScroll: true });
  }

  function keepOld(question) {
    const field = question.querySelector(".gs-reason textarea");
    field.value = field.defaultValue;
    question.querySelector(".gs-reason").open = false;
    question.querySelector("[data-answer=entfaellt]").focus();
  }

  function press(question, form, button) {
    if (button.name === "speichern") {
      const field = form.elements.notiz;
      const mine = form.closest("[data-conflict]");
      return add(question, mine ? { notiz: field.value } : { notiz: field.value, close: true });
    }
    if (form.closest("[data-conflict]")) {
      const job = { antwort: button.value };
      for (const name of ["grund", "notiz"]) if (form.elements[name]) job[name] = form.elements[name].value;
      return add(question, job);
    }
    const pressed = button.getAttribute("aria-pressed") === "true";
    if (button.dataset.answer === "entfaellt" && !pressed) return openReason(question);
    const antwort = button.dataset.answer ? (pressed ? "" : button.dataset.answer) : button.value;
    const job = { antwort };
    if (antwort !== "entfaellt") question.querySelector(".gs-reason").open = false;
    if (antwort === "entfaellt") job.grund = button.dataset.reason ?? form.elements.grund.value;
    add(question, job);
  }

  // Before htmx and before the browser: this queue takes over what the form would do.
  document.addEventListener(
    "submit",
    (event) => {
      const question = event.target.closest(".gs-q");
      // What is said about a question (.gs-talk) is no answer.
      if (!question || !list.contains(question) || !event.submitter || event.target.closest(".gs-talk")) return;
      event.preventDefault();
      event.stopPropagation();
      press(question, event.target, event.submitter);
    },
    true,
  );

  list.addEventListener("click", (event) => {
    const question = event.target.closest(".gs-q");
    if (!question) return;
    if (event.target.closest("[data-again]")) send(queueOf(question.id));
    if (event.target.closest("[data-cancel]")) keepOld(question);
    const note = event.target.closest(".gs-q__note > summary");
    // The fold opens after the click; whoever opened it wants to write.
    if (note) setTimeout(() => note.parentElement.open && noteField(question).focus());
  });

  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.closest(".gs-reason")) return;
    event.preventDefault();
    keepOld(event.target.closest(".gs-q"));
  });

  // A note is saved on leaving its field, and when the page is put away.
  const unsentNote = (question) => {
    const field = noteField(question);
    const queue = queues.get(question.id);
    const queued = queue && { ...queue.head, ...queue.next }.notiz;
    return field && field.value !== (queued ?? savedNote(question)) ? field.value : null;
  };
  list.addEventListener("change", (event) => {
    const question = event.target.closest(".gs-q");
    if (event.target !== noteField(question)) return;
    const note = unsentNote(question);
    if (note !== null) add(question, { notiz: note });
  });

  const again = () => {
    for (const queue of queues.values()) if (queue.fails && queue.head) send(queue);
  };
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return again();
    for (const question of list.querySelectorAll(".gs-q")) {
      const note = unsentNote(question);
      if (note !== null) add(question, { notiz: note });
    }
  });
  window.addEventListener("beforeunload", (event) => {
    // A note saves itself; a reason is saved with its button, so it would be lost.
    const reasons = [...list.querySelectorAll(".gs-reason[open] textarea")];
    const lost = reasons.some((field) => field.value.trim() !== field.defaultValue.trim());
    if (lost || [...queues.values()].some((queue) => queue.fails && queue.head)) event.preventDefault();
  });

  // --- What others changed (together.js) ---------------------------------------------------------
  // "busy": a save is on its way; "typed": something here is not saved yet; "": free to be replaced.
  function held(question) {
    const queue = queues.get(question.id);
    if (queue && queue.busy) return "busy";
    const fields = [...question.querySelectorAll(".gs-q__form textarea")];
    const typed = fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
    return typed || (queue && (queue.head || queue.next)) || question.querySelector("[data-conflict]") ? "typed" : "";
  }

  window.gsAnswers = { held, show: (fresh, page) => show(queueOf(fresh.id), fresh, page, null) };
})();
