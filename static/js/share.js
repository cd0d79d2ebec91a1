// Sharing with what the device has for it, else by copying the link. The button that can do it is the one that appears.
(() => {
  const able = navigator.share ? "share" : navigator.clipboard ? "copy" : "";
  document.querySelectorAll(`[data-share="${able}"]`).forEach((button) => { button.hidden = false; });

  // This page and its variant, without what others have added to the address to follow a shopper.
  const address = () => {
    const url = new URL(location.href);
    const variant = url.searchParams.get("variant");
    url.search = variant ? new URLSearchParams({ variant }) : "";
    url.hash = "";
    return url.href;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-share]");
    if (!button) return;
    try {
      if (button.dataset.share === "share") {
        await navigator.share({ title: document.querySelector("h1").textContent, url: address() });
        return;
      }
      await navigator.clipboard.writeText(address());
      button.querySelector("span").textContent = button.dataset.done;
      document.getElementById("announcement").textContent = button.dataset.done;
    } catch (problem) {
      // Closed without choosing, or not allowed: nothing has happened.
      if (!["AbortError", "NotAllowedError"].includes(problem.name)) throw problem;
    }
  });
})();
