// An appointment is at a time or at the beginning of a period: who chooses one of them clears the other.
document.addEventListener("input", ({ target }) => {
  const { wall, period } = target.form?.elements ?? {};
  if (!wall || !period || !target.value) return;
  if (target === wall) period.value = "";
  else if (target === period) wall.value = "";
});
