// What a payload did: elements it made, and marks behind which it does not stand as it was written.
({ mark, payloads }) => {
  const made = "script:not([src], [type='application/json']), img[src=x], [onerror], [onload], [onfocus], [onmouseover], [href^='javascript:' i],"
    + " [src^='javascript:' i], [action^='javascript:' i], [href*='elsewhere.example'], main style, main title:not(svg title)";
  const wrong = [...document.querySelectorAll(made)].map((element) => `made: ${element.outerHTML.slice(0, 120)}`);
  const fields = [...document.querySelectorAll("input, textarea, option")].map((field) => field.value || field.text || "");
  const names = [...document.querySelectorAll("[aria-label], [title]")].map((each) => each.ariaLabel + " " + each.title);
  const texts = [document.title, document.body.textContent, ...fields, ...names];
  const first = (text) => text.slice(0, 30).replace(/\s+/g, " ");
  let marked = false;
  for (const text of texts) {
    for (const behind of text.split(mark).slice(1)) {
      marked = true;
      // a long text may be cut short on purpose: then it ends in the middle of a payload
      const kept = payloads.some((payload) => behind.startsWith(payload) || payload.startsWith(behind.replace(/…[\s\S]*$/, "").trim()));
      if (!kept) wrong.push(`changed: ${mark}${first(behind)}`);
    }
  }
  return { marked, wrong: [...new Set(wrong)] };
}
