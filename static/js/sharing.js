// Copies the address of a new link. Without it the field can be marked and copied by hand.
(function () {
  "use strict";

  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        field.focus();
        return;
      }
      button.querySelector("[data-before]").hidden = true;
      button.querySelector("[data-after]").hidden = false;
    });
  }
})();
