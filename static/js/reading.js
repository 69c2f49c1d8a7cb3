// Topic pages: one button for all folds.
(function () {
  "use strict";

  const folds = [...document.querySelectorAll("details.gs-fold")];
  const button = document.querySelector("[data-unfold]");
  if (!folds.length) return;

  if (button) {
    const show = () => {
      const open = folds.every((fold) => fold.open);
      const [unfold, fold] = button.querySelectorAll("span");
      unfold.hidden = open;
      fold.hidden = !open;
      button.classList.toggle("is-open", open);
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = !folds.every((fold) => fold.open);
      for (const fold of folds) fold.open = open;
    });
    for (const fold of folds) fold.addEventListener("toggle", show);
    show();
  }
})();
