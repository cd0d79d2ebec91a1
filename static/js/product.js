// Product page: marks the thumbnail of the picture in view, brings a pressed one into view, names the chosen value in the
// legend, and shows the buy bar once the real button has gone by. Swapping the page's middle starts it afresh.
(() => {
  let watching = [];

  const watch = (callback, options, targets) => {
    const observer = new IntersectionObserver(callback, options);
    targets.forEach((target) => observer.observe(target));
    watching.push(observer);
  };

  const mark = (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      document.querySelectorAll(".gallery__thumbs a").forEach((thumb) => {
        if (thumb.hash === `#${target.id}`) thumb.setAttribute("aria-current", "true");
        else thumb.removeAttribute("aria-current");
      });
    }
  };

  const start = () => {
    watching.forEach((observer) => observer.disconnect());
    watching = [];
    const track = document.querySelector(".gallery__track");
    if (track) watch(mark, { root: track, threshold: 0.6 }, [...track.children]);
    const bar = document.querySelector(".buy-bar");
    const button = document.querySelector("[data-buy]");
    const passed = ([entry]) => bar.classList.toggle("is-shown", !entry.isIntersecting);
    if (bar && button) watch(passed, { rootMargin: "0px 0px 9999px" }, [button]);
  };

  document.addEventListener("click", (event) => {
    const thumb = event.target.closest(".gallery__thumbs a");
    const track = thumb?.closest(".gallery").querySelector(".gallery__track");
    if (!track) return;
    event.preventDefault();
    const picture = document.getElementById(thumb.hash.slice(1));
    track.scrollBy({ left: picture.getBoundingClientRect().left - track.getBoundingClientRect().left });
  });

  document.addEventListener("change", (event) => {
    const name = event.target.closest(".option")?.querySelector("[data-chosen]");
    if (name) name.textContent = event.target.dataset.name ?? event.target.value;
  });

  document.addEventListener("htmx:after:swap", start);
  start();
})();
