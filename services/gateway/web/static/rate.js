// What stands behind the # of a survey's link is sent to nobody: it is put into the form here.
const code = location.hash.slice(1);
if (code) {
  const form = document.getElementById("rate-open");
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.requestSubmit();
}
