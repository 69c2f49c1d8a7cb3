// Makes one element look like another without replacing what stays the same, so that focus, open
// folds, half-written text and live regions survive an answer from the server.
(function () {
  "use strict";

  const TYPED = "textarea, input:not([type=hidden])";

  function alike(one, other) {
    return (
      one.nodeType === other.nodeType &&
      one.nodeName === other.nodeName &&
      (one.id || "") === (other.id || "") &&
      (one.nodeType !== Node.ELEMENT_NODE ||
        one.getAttribute("data-part") === other.getAttribute("data-part"))
    );
  }

  function attributes(from, to) {
    for (const { name } of [...from.attributes]) {
      // A fold that somebody opened stays open.
      if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  function morph(from, to) {
    if (from.nodeType === Node.TEXT_NODE) {
      if (from.data !== to.data) from.data = to.data;
      return;
    }
    if (from.nodeType !== Node.ELEMENT_NODE) return;
    const typed = from.matches(TYPED) && from.value !== from.defaultValue;
    const written = from.value;
    attributes(from, to);
    if (from.nodeName === "TEXTAREA") {
      if (from.defaultValue !== to.defaultValue) from.defaultValue = to.defaultValue;
      if (typed && from.value !== written) from.value = written;
      return;
    }
    let old = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      let match = old;
      while (match && !alike(match, wanted)) match = match.nextSibling;
      if (!match) {
        from.insertBefore(document.importNode(wanted, true), old);
        continue;
      }
      while (old !== match) {
        const gone = old;
        old = old.nextSibling;
        gone.remove();
      }
      morph(match, wanted);
      old = match.nextSibling;
    }
    while (old) {
      const gone = old;
      old = old.nextSibling;
      gone.remove();
    }
  }

  window.gsMorph = morph;
})();
