// The browser's side of collector.py. It comes after photos.js, whose functions it uses.

function renderCollector({ model, el }) {
  let left = false; // the view is gone
  const status = make("p", { className: "emo-status", role: "status" });
  const video = make("video", { autoplay: true, muted: true, playsInline: true });
  video.ariaLabel = "What the camera sees";
  const stage = make("div", { className: "emo-camera", hidden: true }, video);
  const shelves = model.get("class_names").map((name, label) => shelf(name, () => shoot(label)));
  const on = button("Turn the camera on", async () => {
    on.disabled = true;
    try {
      const stream = await openCamera();
      // the browser's question may be answered long after the view is gone
      if (left) return stopTracks(stream);
      video.srcObject = stream;
      await video.play();
      switchTo(true);
      shelves[0].press.focus();
      say("The camera is on. No picture is taken until you press a class's button.");
    } catch (error) {
      stop();
      if (!left) say(`${CAMERA_PROBLEMS[error.name] ?? CAMERA_FAILED}.`);
    }
  });
  const off = button("Turn the camera off", () => {
    stop();
    on.focus();
    say("The camera is off. The pictures are kept.");
  });
  const undo = button("Undo the last picture", () => model.send({ type: "undo" }));

  function say(text) {
    status.textContent = text;
  }

  function switchTo(running) {
    stage.hidden = off.hidden = !running;
    on.hidden = on.disabled = running;
    for (const { press } of shelves) press.disabled = !running;
  }

  function stop() {
    stopTracks(video.srcObject);
    video.srcObject = null;
    switchTo(false);
  }

  async function shoot(label) {
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((give) => canvas.toBlob(give, "image/jpeg", 0.92));
    model.send({ type: "picture", label }, undefined, [await blob.arrayBuffer()]);
  }

  function showCounts() {
    const counts = model.get("counts");
    shelves.forEach(({ number }, k) => (number.textContent = count(counts[k], "picture")));
    undo.disabled = !counts.some((n) => n);
  }

  function hear(message, buffers) {
    if (message.type === "said") say(message.sentence);
    if (message.type === "newest") shelves[message.label].show(buffers ?? []);
  }

  model.on("msg:custom", hear);
  model.on("change:counts", showCounts);
  const controls = make("div", { className: "emo-controls" }, on, off, undo);
  const hint = make("p", { className: "emo-hint" });
  hint.textContent =
    "Take pictures only of people who agree to it. They stay in memory: nothing is saved unless you save it.";
  const rows = shelves.map(({ row }) => row);
  el.replaceChildren(make("div", { className: "emo-photos emo-collector" }, controls, ...rows, status, stage, hint));
  el.classList.toggle("emo-square", !model.get("faces"));
  switchTo(false);
  showCounts();
  model.send({ type: "show" });
  const giveBack = keepKeys(el);
  return () => {
    left = true;
    stop();
    giveBack();
    model.off("msg:custom", hear);
    model.off("change:counts", showCounts);
  };
}

// One class: its button, how many pictures it has, and the newest of them.
function shelf(name, shoot) {
  const press = button(name, shoot);
  const number = make("span", { className: "emo-number" });
  const newest = make("div", { className: "emo-newest" });
  const show = (buffers) => {
    const images = buffers.map((png, k) => {
      const src = URL.createObjectURL(new Blob([png], { type: "image/png" }));
      const image = make("img", { src, alt: `${name}, picture ${k + 1} of ${buffers.length}` });
      image.onload = () => URL.revokeObjectURL(src);
      return image;
    });
    newest.replaceChildren(...images);
  };
  const row = make("div", { className: "emo-shelf" }, press, number, newest);
  return { row, press, number, show };
}

export default { render: renderCollector };
