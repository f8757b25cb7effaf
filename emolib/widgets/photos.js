// The browser's side of photos.py: takes photos, sends them to the kernel in pieces, shows answers.
// Text is only ever set as text: a file's name may look like HTML.

const PIECE = 2 ** 21; // bytes, far below what servers accept in one message
const PATIENCE = 30; // seconds without an answer before a word about it
const SLOW =
  "No answer yet: the kernel is busy or has stopped. If this continues, run the cell again or reload the page.";
const KEEP_KEYS = "data-lm-suppress-shortcuts"; // JupyterLab looks for it
const CAMERA_REFUSED = "This page may not use the camera: allow it in the browser's address bar";
const CAMERA_BUSY = "The camera is in use: close the program or tab that uses it, and try again";
// by the names of the errors that browsers give
const CAMERA_PROBLEMS = {
  NotAllowedError: CAMERA_REFUSED,
  SecurityError: CAMERA_REFUSED,
  NotReadableError: CAMERA_BUSY,
  AbortError: CAMERA_BUSY,
  NotFoundError: "No camera was found: connect one",
  OverconstrainedError: "This page cannot use this camera: connect a different one",
  InsecurePage:
    "Browsers allow the camera only on pages whose address begins with https or localhost: open the page that way",
};
const CAMERA_FAILED = "The camera could not be started: connect it again";

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const button = (text, onclick) => make("button", { type: "button", textContent: text, onclick });
const count = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

function render({ model, el }) {
  const ways = model.get("ways");
  const photos = []; // what was asked: {name, blob} or {example}; kept to ask a different model
  const answers = [];
  const waiting = new Map(); // id of a question -> what to do with its answer
  let queue = Promise.resolve();
  let unanswered = 0;
  let examples = 0;
  let round = 0; // a question of an earlier round is no longer wanted

  const status = make("p", { className: "emo-status", role: "status" });
  const progress = make("progress", { hidden: true, ariaLabel: "photos answered" });
  const cards = make("div", { className: "emo-cards" });
  const rows = make("tbody");
  const table = answerTable(rows);
  const forget = button("Forget all", () => {
    clear();
    photos.length = 0;
    say("All photos and answers are forgotten.");
    // this button is hidden now, and the focus would move to the top of the page
    controls.querySelector("button").focus();
  });
  const end = make(
    "div",
    { className: "emo-end", hidden: true },
    make("details", {}, make("summary", { textContent: "All answers as a table" }), table),
    make("p", {}, button("Download the answers (CSV)", download), forget),
  );

  function say(text) {
    status.textContent = text;
  }

  function clear() {
    round += 1;
    unanswered = 0;
    progress.hidden = end.hidden = true;
    answers.length = 0;
    cards.replaceChildren();
    rows.replaceChildren();
    for (const give of [...waiting.values()]) give(null);
  }

  function take(photo) {
    photos.push(photo);
    ask(photo);
  }

  // one after the other: the kernel holds one photo at a time
  function ask(photo) {
    const now = round;
    unanswered += 1;
    queue = queue.then(async () => {
      if (now !== round) return;
      const before = answers.length;
      progress.hidden = false;
      progress.max = before + unanswered;
      progress.value = before;
      say(`Looking at photo ${before + 1} of ${before + unanswered} ...`);
      const answer = await answerOf(photo);
      if (now !== round) return;
      unanswered -= 1;
      show(answer);
    });
  }

  async function answerOf(photo) {
    const id = crypto.randomUUID?.() ?? String(Math.random());
    const answered = new Promise((give) => waiting.set(id, give));
    const slow = setTimeout(
      () => say(SLOW),
      PATIENCE * 1000,
    );
    try {
      await send(id, photo);
      return await answered;
    } finally {
      clearTimeout(slow);
      waiting.delete(id);
    }
  }

  async function send(id, photo) {
    if ("example" in photo) {
      model.send({ type: "example", id, number: photo.example });
      return;
    }
    const { name, blob } = photo;
    model.send({ type: "photo", id, name, size: blob.size });
    if (blob.size > model.get("limit")) return; // the kernel says so
    for (let at = 0; at === 0 || at < blob.size; at += PIECE) {
      let piece;
      try {
        piece = await blob.slice(at, at + PIECE).arrayBuffer();
      } catch {
        const sentence = `${name} cannot be read by the browser: choose it again.`;
        waiting.get(id)({ name, sentence, failed: true, faces: [] });
        return;
      }
      model.send({ type: "piece", id }, undefined, [piece]);
    }
  }

  function show(answer) {
    answers.push(answer);
    cards.append(card(answer));
    rows.append(...tableRows(answer, answers.length));
    end.hidden = false;
    if (unanswered) return;
    progress.hidden = true;
    const faces = answers.reduce((sum, one) => sum + one.faces.length, 0);
    say(`${count(answers.length, "photo")}, ${count(faces, "face")} found.`);
  }

  function download() {
    const lines = answers.filter((one) => one.csv);
    const text = lines.length ? lines[0].csv_head + lines.map((one) => one.csv).join("") : "";
    // the mark lets spreadsheets see that the letters are UTF-8
    save(new Blob(["\ufeff", text], { type: "text/csv" }), "answers.csv");
  }

  function hear(message, buffers) {
    if (message.type !== "answer" || !waiting.has(message.id)) return;
    const picture = buffers?.length ? new Blob([buffers[0]], { type: "image/jpeg" }) : null;
    waiting.get(message.id)({ ...message, picture });
  }

  function showNote() {
    note.textContent = model.get("note");
    note.hidden = !note.textContent;
  }

  function chooseModel() {
    clear();
    say("This model will answer from now on.");
    photos.forEach(ask);
  }

  const controls = make("div", { className: "emo-controls" });
  const parts = [controls];
  if (ways.includes("files")) {
    const { input, open } = fileChooser((files) => files.forEach(take));
    controls.append(open, input);
  }
  if (ways.includes("examples")) {
    controls.append(button("Show an example", () => take({ example: examples++ })));
  }
  const instead = ways.includes("files") ? ", or choose a photo instead." : ".";
  const leave = ways.includes("camera") ? addCamera(controls, parts, take, say, instead) : () => {};
  if (model.get("models").length > 1) controls.append(modelChooser(model));
  if (ways.includes("files")) {
    controls.append(make("p", { className: "emo-hint", textContent: "or drop photos here" }));
    acceptDrops(controls, (files) => files.forEach(take));
  }
  const note = make("p", { className: "emo-note" });
  parts.push(note);
  showNote();
  model.on("msg:custom", hear);
  model.on("change:model", chooseModel);
  model.on("change:note", showNote);
  el.classList.toggle("emo-square", !model.get("faces"));
  el.replaceChildren(make("div", { className: "emo-photos" }, ...parts, status, progress, cards, end));
  const giveBack = keepKeys(el);
  return () => {
    leave();
    giveBack();
    model.off("msg:custom", hear);
    model.off("change:model", chooseModel);
    model.off("change:note", showNote);
  };
}

// JupyterLab would act on Enter and the arrow keys; only Ctrl+S and the like are left to it.
function keepKeys(el) {
  const keep = ({ target, ctrlKey, metaKey }) => {
    if (el.contains(target)) target.toggleAttribute(KEEP_KEYS, !ctrlKey && !metaKey);
  };
  window.addEventListener("keydown", keep, true);
  return () => window.removeEventListener("keydown", keep, true);
}

function fileChooser(use) {
  const input = make("input", {
    type: "file",
    multiple: true,
    hidden: true,
    accept: "image/*,.heic,.heif",
    onchange: () => {
      const files = [...input.files].map((file) => ({ name: file.name, blob: file }));
      use(files);
      input.value = ""; // so that the same photo can be chosen again
    },
  });
  return { input, open: button("Choose photos", () => input.click()) };
}

function acceptDrops(zone, use) {
  zone.classList.add("emo-drop");
  zone.ondragover = (event) => {
    event.preventDefault();
    event.stopPropagation(); // or JupyterLab would take the file for a notebook's
    zone.classList.add("emo-over");
  };
  zone.ondragleave = () => zone.classList.remove("emo-over");
  zone.ondrop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("emo-over");
    use([...event.dataTransfer.files].map((file) => ({ name: file.name, blob: file })));
  };
}

function modelChooser(model) {
  const titles = model.get("titles");
  const options = model
    .get("models")
    .map((value, i) => make("option", { value, textContent: titles[i] }));
  const select = make("select", {}, ...options);
  select.value = model.get("model");
  select.onchange = () => {
    model.set("model", select.value);
    model.save_changes();
  };
  return make("label", {}, "Model ", select);
}

// The camera runs between two presses of a button, and takes a picture at the press of another.
function addCamera(controls, parts, take, say, instead) {
  let left = false; // the view is gone
  const video = make("video", { autoplay: true, muted: true, playsInline: true });
  video.ariaLabel = "What the camera sees";
  const shoot = button("Take the picture", async () => {
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    stop();
    on.focus();
    const blob = await new Promise((give) => canvas.toBlob(give, "image/jpeg", 0.92));
    take({ name: "camera.jpg", blob });
  });
  const off = button("Turn the camera off", () => {
    stop();
    on.focus();
  });
  const stage = make("div", { className: "emo-camera", hidden: true }, video, make("p", {}, shoot, off));
  const on = button("Turn the camera on", async () => {
    on.disabled = true;
    try {
      const stream = await openCamera();
      // the browser's question may be answered long after the view is gone
      if (left) return stopTracks(stream);
      video.srcObject = stream;
      await video.play();
      stage.hidden = false;
      shoot.focus();
      say("The camera is on. No picture is taken until you press the button.");
    } catch (error) {
      stop();
      if (left) return;
      say((CAMERA_PROBLEMS[error.name] ?? CAMERA_FAILED) + instead);
      // the disabled button has lost the focus
      if (document.activeElement === document.body) on.focus();
    }
  });

  function stop() {
    stopTracks(video.srcObject);
    video.srcObject = null;
    stage.hidden = true;
    on.disabled = false;
  }

  controls.append(on);
  parts.push(stage);
  return () => {
    left = true;
    stop();
  };
}

async function openCamera() {
  if (!navigator.mediaDevices) throw new DOMException("", "InsecurePage");
  return navigator.mediaDevices.getUserMedia({ video: { width: 1280 } });
}

function stopTracks(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

function card({ name, sentence, failed, faces, picture }) {
  const said = make("p", { className: failed ? "emo-said emo-failed" : "emo-said" });
  said.textContent = sentence;
  const words = make("div", { className: "emo-words" }, said);
  if (faces.length) words.append(make("ul", {}, ...faces.map(bar)));
  const article = make("article", { className: "emo-card", ariaLabel: `Answer for ${name}` });
  if (picture) {
    const image = make("img", { src: URL.createObjectURL(picture), alt: `${name} with its answers` });
    image.onload = () => URL.revokeObjectURL(image.src);
    article.append(image);
  }
  article.append(words);
  return article;
}

function bar({ number, words, probability, color }) {
  const fill = make("span", { className: "emo-fill" });
  fill.style.width = `${100 * probability}%`;
  fill.style.background = color;
  const track = make("span", { className: "emo-bar", ariaHidden: "true" }, fill);
  // one face has no number in its picture either
  const text = number ? `${number} ${words}` : words;
  return make("li", {}, make("span", { textContent: text }), track);
}

function answerTable(rows) {
  const names = ["photo", "face", "answer"];
  const head = make("tr", {}, ...names.map((name) => make("th", { scope: "col", textContent: name })));
  return make("table", { className: "emo-table" }, make("thead", {}, head), rows);
}

function tableRows({ name, sentence, failed, faces }, number) {
  const cells = faces.map((face) => [face.number ?? "", face.words]);
  if (!faces.length) cells.push(["", failed ? sentence : "no face found"]);
  return cells.map((row) =>
    make("tr", {}, ...[`${number}. ${name}`, ...row].map((text) => make("td", { textContent: text }))),
  );
}

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

export default { render };
