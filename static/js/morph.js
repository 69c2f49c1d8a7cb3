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

  // Blanks between elements are left as they are.
  function contents(node) {
    return [...node.childNodes].filter((child) => child.nodeType === Node.ELEMENT_NODE || child.data.trim());
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
    if (from.nodeType !== Node.ELEMENT_NODE || to.hasAttribute("hx-preserve")) return;
    const typed = from.matches(TYPED) && from.value !== from.defaultValue;
    const written = from.value;
    attributes(from, to);
    if (from.nodeName === "TEXTAREA") {
      if (from.defaultValue !== to.defaultValue) from.defaultValue = to.defaultValue;
      if (typed && from.value !== written) from.value = written;
      return;
    }
    let rest = contents(from);
    for (const wanted of contents(to)) {
      const place = rest.findIndex((node) => alike(node, wanted));
      if (place < 0) {
        from.insertBefore(document.importNode(wanted, true), rest[0] || null);
        continue;
      }
      for (const gone of rest.slice(0, place)) gone.remove();
      morph(rest[place], wanted);
      rest = rest.slice(place + 1);
    }
    for (const gone of rest) gone.remove();
  }

  window.gsMorph = morph;
})();
