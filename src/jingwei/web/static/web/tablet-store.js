// What the tablet keeps: sheets as the server gave them, and what was filled, photos included, in
// IndexedDB until the server has said that it has it. Nothing is removed before that.
"use strict";
window.tabletStore = (() => {
  let opened = null;
  function open() {
    opened ??= new Promise((done, failed) => {
      const ask = indexedDB.open("jingwei-tablet", 1);
      ask.onupgradeneeded = () => {
        ask.result.createObjectStore("sheets", { keyPath: "routine" });
        ask.result.createObjectStore("filled", { keyPath: "key" });
      };
      ask.onsuccess = () => done(ask.result);
      ask.onerror = () => failed(ask.error);
      ask.onblocked = () => failed(new Error("blocked"));
    });
    return opened;
  }
  async function act(name, mode, what) {
    const base = await open();
    return new Promise((done, failed) => {
      const work = base.transaction(name, mode);
      const ask = what(work.objectStore(name));
      work.oncomplete = () => done(ask.result);
      work.onerror = () => failed(work.error);
      work.onabort = () => failed(work.error);
    });
  }
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const newKey = () => hex(crypto.getRandomValues(new Uint8Array(20)));

  // ---- sending: one after the other, each with its own key; what became of it as a word
  async function fetchSheet(where) {
    const answer = await fetch(where, { redirect: "manual", headers: { "X-Poll": "1" } });
    if (answer.type === "opaqueredirect") return { state: "login" };
    if (!answer.ok) return { state: "refused", status: answer.status };
    return { state: "ok", sheet: await answer.json() };
  }
  async function send(where, csrf, entry) {
    const body = new FormData();
    const told = {
      key: entry.key, object: entry.object, about: entry.about, began: entry.began, finished: entry.finished,
      sent: new Date().toISOString(), answers: entry.answers, fields: entry.fields,
      corrects: entry.corrects ?? null, reason: entry.reason || "",
    };
    body.append("sheet", JSON.stringify(told));
    entry.photos.forEach((photo) => body.append("photos", photo.blob, photo.name));
    const answer = await fetch(where, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": csrf } });
    if (answer.type === "opaqueredirect") return { state: "login" };
    if ([200, 409, 422].includes(answer.status)) return answer.json();
    if (answer.status === 403) return { state: "forbidden", message: "没有权限，或页面已过期" };
    if (answer.status === 413) return { state: "refused", field: "photos", message: "照片太大，服务器不收" };
    return { state: "later", message: `服务器暂时不能接收（${answer.status}）` };
  }

  // ---- photos: made small enough to keep and to send, turned upright, without what the camera tells
  const LONGEST = 2048;
  const TYPES = ["image/jpeg", "image/png", "image/webp"];
  async function photo(file, most) {
    if (!TYPES.includes(file.type)) throw new Error(`${file.name}：请用 JPEG、PNG 或 WebP 照片`);
    let picture;
    try { picture = await createImageBitmap(file, { imageOrientation: "from-image" }); }
    catch { throw new Error(`${file.name}：不是能打开的照片`); }
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob || blob.size > most) throw new Error(`${file.name}：照片超过 ${Math.round(most / 1048576)} MB`);
    return { name: `${file.name.replace(/\.[^.]*$/, "").slice(-80) || "photo"}.jpg`, blob };
  }

  return {
    newKey, fetchSheet, send, photo,
    sheet: (routine) => act("sheets", "readonly", (store) => store.get(routine)),
    keepSheet: (sheet) => act("sheets", "readwrite", (store) => store.put(sheet)),
    filled: async (routine) => (await act("filled", "readonly", (store) => store.getAll())).filter((each) => each.routine === routine),
    keep: (entry) => act("filled", "readwrite", (store) => store.put(entry)),
    drop: (key) => act("filled", "readwrite", (store) => store.delete(key)),
  };
})();
