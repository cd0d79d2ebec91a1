// The line above the page may be put away until the browser is closed. Not deferred: it has to know before the page is
// drawn, or everything would jump. Nothing of it leaves the browser, and a shop that may not store keeps its line.
(() => {
  const { notice } = document.currentScript.dataset;
  const root = document.documentElement;
  const hide = () => root.classList.add("is-notice-away");

  try {
    if (sessionStorage.getItem("notice") === notice) hide();
  } catch { return; }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-notice] button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      sessionStorage.setItem("notice", notice);
      hide();
    });
  });
})();
